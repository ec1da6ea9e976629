import { sep } from 'node:path';

import { PACKAGE_FOLDER } from '../package-folder';

/** Names a method in error messages: by its class, or by its position in the source if the class is not known. */
export function locationOf(
  declaringClass: { readonly name: string } | null,
  key: PropertyKey,
): string {
  if (declaringClass !== null) return `${declaringClass.name}.${String(key)}`;
  const position = sourcePosition();
  return `method ${String(key)}${position === '' ? '' : ` (${position})`}`;
}

/** Stack frames with this path belong to this package. */
const OWN_CODE = PACKAGE_FOLDER + sep;

/** File, line and column of the innermost stack frame outside this package, or '' if the stack has no such frame. */
function sourcePosition(): string {
  for (const line of new Error('for its stack').stack?.split('\n').slice(1) ?? []) {
    const frame = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(line)?.[1];
    // Compilers apply decorators through helper functions, in the user's file or in tslib.
    if (
      frame !== undefined &&
      !frame.includes(OWN_CODE) &&
      !/tslib|__(es)?[dD]ecorate/.test(line)
    ) {
      return frame.replace(/^file:\/\//, '');
    }
  }
  return '';
}
