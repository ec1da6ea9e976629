import { expect, it } from 'vitest';

import { unitOf } from '../../src/scrape/unit';

it.each([
  ['latency_seconds', 'seconds'],
  ['sent_bytes', 'bytes'],
  ['sent_bytes_total', 'bytes'],
  ['busy_seconds_total', 'seconds'],
  ['seconds', null],
  ['latency_seconds_max', null],
  ['latency_seconds_total_max', null],
  ['milliseconds_total', null],
  ['megabytes', null],
  ['calls_total', null],
])('%s has the unit %j', (name, unit) => {
  expect(unitOf(name)).toBe(unit);
});
