import { expect, test } from 'vitest';

import { CounterCell, GaugeCell } from '../../src/metrics/cell';
import type { CellOf, CellType } from '../../src/metrics/family';
import { IDLE_SWEEPS, IdleSweeps } from '../../src/metrics/idle-sweeps';
import { SummaryCell } from '../../src/metrics/summary-cell';
import { createHistogram } from '../support/create-histogram';

/** A time after every cell was created. */
const LATER = Number.MAX_SAFE_INTEGER;

/** The number of sweeps without a recording after which a cell is idle. */
function sweepsUntilIdle(sweeps: IdleSweeps, cell: CellOf[CellType]): number {
  for (let i = 1; i <= 2 * IDLE_SWEEPS; i++) if (sweeps.isIdle(cell, LATER)) return i;
  return Infinity;
}

const counter = new CounterCell();
const gauge = new GaugeCell();
const histogram = createHistogram([1]);
const summary = new SummaryCell([0.5]);

test.each<[string, CellOf[CellType], () => void]>([
  ['a counter', counter, () => void counter.value++],
  [
    'a gauge',
    gauge,
    () => {
      gauge.value++;
      gauge.value--;
    },
  ],
  ['a histogram', histogram, () => histogram.observe(2)],
  ['a summary', summary, () => summary.observe(2)],
])(
  '%s is idle when eight sweeps in a row have seen no recording after the last one',
  (_title, cell, record) => {
    const sweeps = new IdleSweeps();
    record();
    // The first sweep sees the recording.
    expect(sweepsUntilIdle(sweeps, cell)).toBe(1 + IDLE_SWEEPS);
    expect(sweeps.isIdle(cell, LATER)).toBe(true);
    record();
    expect(sweepsUntilIdle(sweeps, cell)).toBe(1 + IDLE_SWEEPS);
  },
);

test('a gauge is not idle while a call is in progress', () => {
  const cell = new GaugeCell();
  const sweeps = new IdleSweeps();
  for (let i = 0; i < 3; i++) sweeps.isIdle(cell, LATER);
  cell.value++;
  expect(sweepsUntilIdle(sweeps, cell)).toBe(Infinity);
});

test('a sweep does not change what readers see of a gauge', () => {
  const cell = new GaugeCell();
  const sweeps = new IdleSweeps();
  for (let i = 0; i < 3; i++) sweeps.isIdle(cell, LATER);
  expect(Object.is(cell.read(), 0)).toBe(true);
  expect(cell.isZero()).toBe(true);
  cell.value++;
  expect(cell.read()).toBe(1);
});

test('a counter that was reset since the sweep before is not idle, although it has the same count', () => {
  const cell = new CounterCell();
  const sweeps = new IdleSweeps();
  expect(sweepsUntilIdle(sweeps, cell)).toBe(1 + IDLE_SWEEPS);
  cell.reset();
  expect(sweeps.isIdle(cell, cell.startedAt)).toBe(false);
  expect(sweepsUntilIdle(sweeps, cell)).toBe(IDLE_SWEEPS);
});

test('a cell that was forgotten is a new one', () => {
  const cell = new CounterCell();
  const sweeps = new IdleSweeps();
  expect(sweepsUntilIdle(sweeps, cell)).toBe(1 + IDLE_SWEEPS);
  sweeps.forget(cell);
  expect(sweepsUntilIdle(sweeps, cell)).toBe(1 + IDLE_SWEEPS);
});
