import type { Cell } from './cell';

/** Tests of behavior that Thrift itself, instrumented or not, does not have in older releases. They must fail there. */
const BEFORE_0_24 = [
  // Thrift does not limit the depth of structs, so the message counts as incomplete.
  /excessive nesting counts as garbage$/,
  // Thrift ships Q.
  /^ES5: without thrift\.Q, a method in promise style is not reached/,
  // The server throws while it inspects such an error, and nothing catches that.
  /^ES6: throwing undefined closes the connection in ES6/,
];

/** The titles of tests that expect the newest Thrift and must fail in this cell. */
export function differencesOf({ thrift }: Cell): readonly RegExp[] {
  return Number(thrift.split('.')[1]) < 24 ? BEFORE_0_24 : [];
}
