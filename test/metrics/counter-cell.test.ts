import { expect, it } from 'vitest';

import { CounterCell } from '../../src/metrics/cell';

function counted(value: number, trace?: string, timestamp = 0): CounterCell {
  const cell = new CounterCell();
  cell.value = value;
  cell.startedAt = 0;
  if (trace !== undefined) cell.exemplar = { labels: { trace }, value: 1, timestamp };
  return cell;
}

it('merged counters have the sum and the newest exemplar of all', () => {
  const cell = counted(1);
  cell.merge(counted(2, 'a', 5));
  cell.merge(counted(3, 'b', 4));
  cell.merge(counted(4));
  expect(cell).toEqual(counted(10, 'a', 5));
  cell.merge(counted(0, 'c', 6));
  expect(cell).toEqual(counted(10, 'c', 6));
});

it('a merged counter starts with the earliest of its parts', () => {
  const [early, late] = [counted(1), counted(1)];
  early.startedAt = -7;
  late.startedAt = 5;
  const cell = counted(1);
  cell.merge(late);
  expect(cell.startedAt).toBe(0);
  cell.merge(early);
  expect(cell.startedAt).toBe(-7);
});
