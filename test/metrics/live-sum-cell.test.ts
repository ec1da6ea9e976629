import { expect, test } from 'vitest';

import { LiveSumCell } from '../../src/metrics/cell';

const newCell = () => new LiveSumCell(({ bytes }: { readonly bytes: number }) => bytes);

test('a live sum is the counts of its live sources and of those that have ended', () => {
  const cell = newCell();
  const [one, other] = [{ bytes: 3 }, { bytes: 5 }];
  cell.add(one);
  cell.add(other);
  expect(cell.read()).toBe(8);
  one.bytes = 4;
  cell.end(one);
  // What a source says after its end does not count.
  one.bytes = 100;
  other.bytes = 6;
  expect(cell.read()).toBe(10);
});

test('a source that ends twice, or was never added, counts only once or not at all', () => {
  const cell = newCell();
  const source = { bytes: 3 };
  cell.add(source);
  cell.end(source);
  cell.end(source);
  cell.end({ bytes: 7 });
  expect(cell.read()).toBe(3);
});

test('after a reset, a live sum counts only what its live sources add', () => {
  const cell = newCell();
  const [ended, live] = [{ bytes: 3 }, { bytes: 5 }];
  cell.add(ended);
  cell.add(live);
  cell.end(ended);
  cell.reset();
  expect([cell.read(), cell.isZero()]).toEqual([0, true]);
  live.bytes = 9;
  expect(cell.read()).toBe(4);
  cell.end(live);
  expect(cell.read()).toBe(4);
});
