import { expect } from 'vitest';

/** The Python libraries with the transports and protocols that they have: each is a peer of its own. */
export const PYTHON_PEERS = [
  ['thriftpy', 'buffered', 'binary'],
  ['thriftpy', 'framed', 'binary'],
  ['apache', 'buffered', 'binary'],
  ['apache', 'framed', 'binary'],
  ['apache', 'buffered', 'compact'],
  ['apache', 'framed', 'compact'],
  ['apache', 'buffered', 'json'],
  ['apache', 'framed', 'json'],
] as const;

/** What the calls of call_calculator.py get from the handler: the method, the kind of answer, and the answer. */
export const ANSWERS: readonly unknown[] = [
  ['ping', 'reply', null],
  ...[1, 2, 3, 4, 5].map((result) => ['add', 'reply', result]),
  ['calculate', 'reply', 42],
  ['calculate', 'declared', 'InvalidOperation'],
  ['getStruct', 'reply', expect.stringContaining("value='42'")],
  ['getStruct', 'declared', 'NotFound'],
  ['recentKeys', 'reply', [1]],
  ['factorize', 'reply', [2, 2, 3]],
  ['mean', 'reply', 3],
  ['mean', 'application', 'the mean of no values'],
  ['zip', 'reply', null],
  ['ping', 'reply', null],
];
