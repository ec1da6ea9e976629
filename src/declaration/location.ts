import { withoutFileUrl, withSlashes } from '../runtime/package-paths';
import { currentRuntime } from '../runtime/runtime';

/** Names a method in error messages: by its class, or by its position in the source if the class is not known or has no name. */
export function locationOf(
  declaringClass: { readonly name: string } | null,
  key: PropertyKey,
): string {
  const name: unknown = declaringClass?.name;
  if (typeof name === 'string' && name !== '') return `${name}.${String(key)}`;
  const position = sourcePosition();
  return `method ${String(key)}${position === '' ? '' : ` (${position})`}`;
}

/** File, line and column of the innermost stack frame outside every copy of this package, or '' if the stack has no such frame. */
function sourcePosition(): string {
  const ownFolders = [...currentRuntime().copies.keys()].map((folder) => `${withSlashes(folder)}/`);
  for (const line of new Error('for its stack').stack?.split('\n').slice(1) ?? []) {
    const frame = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(line)?.[1];
    // Compilers apply decorators through helper functions, in the user's file or in tslib.
    if (
      frame !== undefined &&
      !ownFolders.some((folder) => withSlashes(frame).includes(folder)) &&
      !/tslib|__(es)?[dD]ecorate/.test(line)
    ) {
      return withoutFileUrl(frame);
    }
  }
  return '';
}
