/** Elements that the space bar activates or opens, such as the summary above a stack. */
const NEED_SPACE = 'button, a, input, summary';

/** Whether a focused element needs the space bar itself. */
export function needsSpace(element: { readonly matches: (selector: string) => boolean }): boolean {
  return element.matches(NEED_SPACE);
}
