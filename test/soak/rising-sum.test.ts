import { expect, test } from 'vitest';

import { RisingSum } from '../../bench/soak/load/rising-sum';
import { parseText } from '../support/text-format';

const scraped = (clean: number, killed: number) =>
  parseText(
    `thrift_server_requests_total{fate="clean"} ${clean}\nthrift_server_requests_total{fate="killed"} ${killed}\n`,
  );

test('a sum that stays or rises is not reported', () => {
  const sum = new RisingSum();
  for (const clean of [0, 5, 5, 9]) sum.compare(scraped(clean, 0));
  expect(sum.fell).toEqual([]);
});

test('each fall is reported with both sums', () => {
  const sum = new RisingSum({ fate: 'killed' });
  for (const killed of [7, 4, 6, 5]) sum.compare(scraped(100, killed));
  expect(sum.fell).toEqual(['from 7 to 4', 'from 6 to 5']);
});

test('a scrape without the metric counts as a fall to 0', () => {
  const sum = new RisingSum();
  sum.compare(scraped(3, 0));
  sum.compare([]);
  expect(sum.fell).toEqual(['from 3 to 0']);
});
