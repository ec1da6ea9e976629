import { expect, it } from 'vitest';

import { readProfileRequest } from '../../../src/tools/profile/profile-request';

const read = (query: string) => readProfileRequest(new URLSearchParams(query));

it.each([
  ['', { type: 'cpu', seconds: 10, interval: 1000 }],
  ['seconds=1', { type: 'cpu', seconds: 1, interval: 1000 }],
  ['seconds=60&interval=100', { type: 'cpu', seconds: 60, interval: 100 }],
  ['type=cpu&interval=100000', { type: 'cpu', seconds: 10, interval: 100_000 }],
  ['type=heap', { type: 'heap', seconds: 10, interval: 32_768 }],
  ['type=heap&interval=4096', { type: 'heap', seconds: 10, interval: 4096 }],
  ['type=heap&interval=16777216', { type: 'heap', seconds: 10, interval: 16_777_216 }],
])('the query %j requests what it says, and the defaults for the rest', (query, expected) => {
  expect(read(query)).toEqual(expected);
});

it.each([
  ['seconds=0', 'seconds=0: expected a whole number of seconds from 1 to 60. The default is 10.'],
  ['seconds=61', 'seconds=61: expected a whole number of seconds from 1 to 60.'],
  ['seconds=x', 'seconds=x: expected a whole number'],
  ['seconds=', 'seconds=: expected a whole number'],
  ['seconds=1.5', 'seconds=1.5: expected a whole number'],
  ['seconds=1e1', 'seconds=1e1: expected a whole number'],
  ['seconds=-1', 'seconds=-1: expected a whole number'],
  ['interval=99', 'expected a whole number of microseconds from 100 to 100000'],
  ['interval=100001', 'expected a whole number of microseconds from 100 to 100000'],
  ['type=heap&interval=4095', 'expected a whole number of bytes from 4096 to 16777216'],
  ['type=memory', 'type=memory: expected cpu or heap.'],
  ['second=1', "'second' is unknown. Did you mean 'seconds'? Allowed: type, seconds, interval."],
  ['seconds=1&seconds=2', "'seconds' is set more than once."],
])('the query %j is refused with what is allowed', (query, expected) => {
  expect(read(query)).toContain(expected);
});

it('an answer repeats what a query contains in one short line', () => {
  const answer = read(`type=${encodeURIComponent(`a\nb${'c'.repeat(1000)}`)}`);
  expect(answer).toMatch(/^type=a bc+: expected cpu or heap\.$/);
  expect(answer).not.toMatch(/.{100}/);
});
