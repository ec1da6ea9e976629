import { describe, expect, test } from 'vitest';

import { CounterCell } from '../../src/metrics/cell';
import { LabelRows, type Row } from '../../src/recording/label-rows';

interface Cells {
  calls: CounterCell;
  failures: CounterCell;
}

class CountRow implements Row {
  calls: CounterCell | null = null;
  failures: CounterCell | null = null;

  constructor(readonly value: string | readonly string[]) {}
}

class Counts extends LabelRows<Cells, CountRow> {
  protected override createRow(value: string | readonly string[]): CountRow {
    return new CountRow(value);
  }

  protected override isEmpty({ calls, failures }: CountRow): boolean {
    return calls === null && failures === null;
  }
}

describe.each([
  ['one label', ['a'], ['b']],
  ['several labels', ['a', 'x'], ['a', 'y']],
])('rows by the values of %s', (_, values, others) => {
  test('the metrics of the same label values have their cells in one row', () => {
    const counts = new Counts();
    const [calls, failures] = [new CounterCell(), new CounterCell()];
    counts.column<'counter'>('calls').set(values, calls);
    counts.column<'counter'>('failures').set(values, failures);
    expect(counts.rowOf(values)).toMatchObject({ calls, failures });
    expect(counts.rowOf(others)).toMatchObject({ calls: null, failures: null });
  });

  test('a column has the cells of its metric alone', () => {
    const counts = new Counts();
    const column = counts.column<'counter'>('calls');
    const cell = new CounterCell();
    column.set(values, cell);
    counts.column<'counter'>('failures').set(others, new CounterCell());
    expect([...column.entries()]).toEqual([[values, cell]]);
    expect(column.get(values)).toBe(cell);
    expect(column.get(others)).toBeUndefined();
  });

  test('a row without a cell is not kept, and one with a cell is', () => {
    const counts = new Counts();
    expect(counts.rowOf(values)).not.toBe(counts.rowOf(values));
    counts.column<'counter'>('calls').set(values, new CounterCell());
    expect(counts.rowOf(values)).toBe(counts.rowOf(values));
  });

  test('a row leaves with its last cell', () => {
    const counts = new Counts();
    const [calls, failures] = (['calls', 'failures'] as const).map((metric) =>
      counts.column<'counter'>(metric),
    ) as [ReturnType<Counts['column']>, ReturnType<Counts['column']>];
    calls.set(values, new CounterCell());
    failures.set(values, new CounterCell());
    const row = counts.rowOf(values);
    calls.delete(values);
    expect(counts.rowOf(values)).toBe(row);
    failures.delete(values);
    expect(counts.rowOf(values)).not.toBe(row);
  });
});
