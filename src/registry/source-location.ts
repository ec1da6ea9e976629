import { sep } from 'node:path';

import { OWN_FOLDER } from '../own-folder';

/** In whose files the definition of a class does not stand. */
const OWN_CODE = OWN_FOLDER + sep;

/**
 * File, line and column of the code that is being evaluated, the innermost that is not of this package. For error
 * messages about a class whose name is not known yet; empty when the stack does not tell.
 */
export function sourceLocation(): string {
  for (const line of new Error('for its stack').stack?.split('\n').slice(1) ?? []) {
    const frame = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(line)?.[1];
    // Decorators are applied by helpers of the compiler, which stand in the user's file or in tslib.
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
