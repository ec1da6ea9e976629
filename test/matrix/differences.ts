import type { Cell } from './cell';

/** A reason for which some of the bundle tests fail in some cells. */
export interface Difference {
  /** Matches the titles of the tests. All of them must fail, and no others may. */
  readonly tests: RegExp;
  /** What is different there, with metrics and without. */
  readonly why: string;
  readonly isIn: (cell: Cell) => boolean;
  /** Whether the tests wait for an answer that never comes. */
  readonly hangs?: true;
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
    tests:
      /'TJSONProtocol' and '\w+' (?:an unknown method|a message for an unknown method|a call of a method named like|a message '(?:none_such|describe)' in two|a message whose bytes arrive|several messages in one packet|a message for a method that the service does not have)|a method name that (?:is not a string counts under|has no text counts)|unknown method over HTTP is counted: 'TJSONProtocol'/,
    why: 'TJSONProtocol cannot skip a value, so a message for an unknown method or with an unknown field fails.',
    isIn: isBefore(12),
    hangs: true,
  },
  {
    tests:
      /^THeaderProtocol with '(?:\w+' headers in a|TCompactProtocol' a message without headers)/,
    why: 'There is no THeaderProtocol.',
    isIn: isBefore(12),
  },
  {
    tests:
      /a method in callback style throws closes|thrown after the result is called back closes|a oneway method that throws closes|a callback throws for a result of the wrong type|an async method with a result of the wrong type counts as succeeded/,
    why: 'A server does not catch what a handler throws, so the connection stays open.',
    isIn: isBefore(10),
    hangs: true,
  },
  {
    tests:
      /'TJSONProtocol' and '\w+' (?:a message of another version|a message without its end)|'TJSONProtocol' and 'TBufferedTransport' (?:a message '(?:ping|note|divide)' in two|a message that arrives in two packets|a multiplexed message counts the same|the last of several messages)|chunks over HTTP is counted once: 'TJSONProtocol', 'TBufferedTransport'/,
    why: 'TJSONProtocol reads one whole message per packet, and throws errors of its own for other input.',
    isIn: isBefore(10),
    hangs: true,
  },
  {
    tests:
      /'TJSONProtocol' and '\w+' (?:a promised result that|a result that is called back \w+ and) cannot be written|'TJSONProtocol' and '\w+' (?:an error that follows half of a reply|of two calls in one packet, the one whose reply fails)/,
    why: 'TJSONProtocol writes values of any type.',
    isIn: isBefore(10),
    hangs: true,
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
