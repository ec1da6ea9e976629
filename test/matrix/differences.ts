import type { Cell } from './cell';

/** Tests of behavior that Thrift itself, instrumented or not, does not have in older releases. They must fail there. */
const BEFORE_0_24 = [
  // Thrift does not limit the depth of structs, so the message counts as incomplete.
  /excessive nesting counts as garbage$/,
  // Thrift ships Q.
  /^ES5 of 0\.1[79] without thrift\.Q: a method in promise style is not reached/,
];

/** The titles of tests that expect the newest Thrift and must fail in this cell. */
export function differencesOf({ thrift }: Cell): readonly RegExp[] {
  return Number(thrift.split('.')[1]) < 24 ? BEFORE_0_24 : [];
}
