import { groupBy } from '../../group-by';
import { renderTable } from '../output';
import { showPercentage, showRate } from './cell-text';
import type { Instance, SeriesChange } from './instance';
import { type MethodRow, methodRowsOf } from './method-rows';
import type { Paint } from './paint';
import { columnsWithin, GAP, NAME_WIDTH } from './top-columns';
import { nameOf } from './top-order';

/** Renders what is known about one method: its figures, its errors by type, and each instance. */
export function detailLines(
  row: MethodRow,
  instances: readonly Instance[],
  columns: number,
  paint: Paint,
): string[] {
  const found = instances.map((instance) => ({
    instance,
    changes: instance.changes.filter(
      ({ service, method }) => service === row.service && method === row.method,
    ),
  }));
  const lines = [
    paint('bold', nameOf(row)),
    '',
    ...instanceLines(row, found, columns),
    '',
    ...errorLines(found.flatMap(({ changes }) => changes)),
  ];
  return lines.map((line, i) => (i === 0 ? line : line.slice(0, columns)));
}

function errorLines(changes: readonly SeriesChange[]): string[] {
  const errors = changes.filter(({ kind }) => kind === 'errorsCounted');
  if (errors.length === 0) return ['Nothing counts the errors of this method.'];
  const types = [
    ...groupBy(errors, ({ exceptionType, bad }) => JSON.stringify([exceptionType, bad])).values(),
  ];
  const rows = types
    .map((series) => {
      const [first] = series as [SeriesChange];
      const recent = series.filter(({ seconds }) => seconds > 0);
      const rate = recent.reduce(
        (sum, { values, seconds }) => sum + (values.get(Infinity) ?? 0) / seconds,
        0,
      );
      const total = series.reduce((sum, { current }) => sum + current, 0);
      return { type: first.exceptionType ?? '', bad: first.bad, rate, total };
    })
    .filter(({ total }) => total > 0)
    .toSorted((a, b) => b.rate - a.rate || b.total - a.total);
  if (rows.length === 0) return ['No errors since the start.'];
  const all = rows.reduce((sum, { total }) => sum + total, 0);
  return renderTable(
    [
      { title: 'ERROR' },
      { title: 'BAD' },
      { title: 'PER SECOND', align: 'right' },
      { title: 'SINCE START', align: 'right' },
      { title: 'SHARE', align: 'right' },
    ],
    rows.map(({ type, bad, rate, total }) => [
      type,
      bad ? 'yes' : 'no',
      showRate(rate),
      String(total),
      showPercentage(total / all),
    ]),
  );
}

/** One line for each instance, and one for their sum if there are several. */
function instanceLines(
  sum: MethodRow,
  found: readonly { readonly instance: Instance; readonly changes: readonly SeriesChange[] }[],
  width: number,
): string[] {
  const rows = found.map(({ instance, changes }) => ({
    name: instance.url,
    row: methodRowsOf(changes)[0],
  }));
  if (rows.length > 1) rows.unshift({ name: 'all', row: sum });
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const visible = columnsWithin(width - Math.min(longest, NAME_WIDTH));
  const figures = visible.reduce((total, column) => total + column.width + GAP, 0);
  return renderTable(
    [{ title: 'INSTANCE', width: Math.min(longest, width - figures) }, ...visible],
    rows.map(({ name, row }) => [
      name,
      ...visible.map(({ text }) => (row === undefined ? '-' : text(row))),
    ]),
  );
}
