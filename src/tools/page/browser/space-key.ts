/** Elements that the space bar activates or opens. A summary is that of a stack, for example. */
const OWNERS = 'button, a, input, summary';

/** Whether a focused element needs the space bar itself. */
export function needsSpace(element: { readonly matches: (selector: string) => boolean }): boolean {
  return element.matches(OWNERS);
}
