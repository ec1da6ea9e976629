import type { Cell } from './cell';

/** A reason for which some of the bundle tests fail in some cells. */
export interface Difference {
  /** Matches the titles of the tests. All of them must fail, and no others may. */
  readonly tests: RegExp;
  /** What is different there, with metrics and without. */
  readonly why: string;
  readonly isIn: (cell: Cell) => boolean;
}

const isBefore =
  (minor: number) =>
  ({ thrift }: Cell): boolean =>
    Number(thrift.split('.')[1]) < minor;

const isOnBun = ({ runtime }: Cell): boolean => runtime === 'Bun';

/** All known differences. */
const DIFFERENCES: readonly Difference[] = [
  {
    tests: /excessive nesting counts as garbage$/,
    why: 'Thrift does not limit the depth of structs, so the message counts as incomplete.',
    isIn: isBefore(24),
  },
  {
    tests: /^ES5 of 0\.1[79] without thrift\.Q: a method in promise style is not reached/,
    why: 'Thrift ships Q.',
    isIn: isBefore(24),
  },
  {
    tests: /error that ends a packet (?:is the same, but without|has no) a? ?stack trace/,
    why: 'Error.captureStackTrace of Bun ignores Error.stackTraceLimit, so the error keeps its stack trace.',
    isIn: isOnBun,
  },
  {
    tests: /^a rejection that is handled late is reported as handled late$/,
    why: 'Bun emits no rejectionHandled for promises that `then` returns.',
    isIn: isOnBun,
  },
];

/** The differences that are known in a cell. */
export function differencesOf(cell: Cell): readonly Difference[] {
  return DIFFERENCES.filter(({ isIn }) => isIn(cell));
}
