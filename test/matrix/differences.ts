import type { Cell } from './cell';

/** What Thrift itself does otherwise in older releases, measured or not; such a test then has to fail. */
const BEFORE_0_24 = [
  // It looks at no depth of structs, so that the message is one without an end.
  /nesting without end is garbage$/,
  // It brings Q.
  /^ES5: without thrift\.Q, a method in promise style is not reached/,
  // Its server fails on such an error while it looks at it, and nobody catches that.
  /^ES6: undefined that is thrown closes the connection in ES6/,
];

/** The titles of tests that expect the newest Thrift, and have to fail in this cell. */
export function differencesOf({ thrift }: Cell): readonly RegExp[] {
  return Number(thrift.split('.')[1]) < 24 ? BEFORE_0_24 : [];
}
