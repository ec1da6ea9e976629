import { isBad } from '../../../slo/outcome';
import { groupBy } from '../../group-by';
import { printable, renderTable, shown } from '../output';
import { callerRowsOf } from './caller-series';
import { showPercentage, showRate } from './cell-text';
import type { Instance } from './instance';
import { lostRow, type MethodRow, methodRowsOf, seriesByMethod } from './method-rows';
import { methodKeyOf, type SeriesChange } from './method-series';
import type { Paint } from './paint';
import { columnsWithin, GAP, NAME_WIDTH, type TopColumn } from './top-columns';
import { nameOf } from './top-order';
import type { TopView } from './top-view';

/** What one instance says about the opened method. */
interface Part {
  readonly instance: Instance;
  readonly changes: readonly SeriesChange[];
}

/**
 * Renders what is known about one method or client: its figures on each instance, its errors by type, its calls in progress,
 * and the callers of its service, which many methods may share.
 */
export function detailLines(
  row: MethodRow,
  { instances, columns, calls }: Pick<TopView, 'instances' | 'columns' | 'calls'>,
  width: number,
  paint: Paint,
): string[] {
  const key = methodKeyOf(row);
  const parts = instances.map((instance) => ({
    instance,
    changes: instance.changes.filter((change) => methodKeyOf(change) === key),
  }));
  const lines = [
    paint('bold', printable(nameOf(row)).slice(0, width)),
    '',
    ...instanceLines(row, parts, columns, width),
    ...(row.isLost
      ? []
      : belowGap(
          errorLines(
            parts.flatMap(({ changes }) => changes),
            row.declaredExceptionsAreErrors,
          ),
        )),
    ...(row.isClient
      ? []
      : [...belowGap(calls.lines()), ...belowGap(callerLines(row.service, instances))]),
  ];
  // The first line has its width already, and colors.
  return lines.map((line, i) => (i === 0 ? line : line.slice(0, width)));
}

function belowGap(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? lines : ['', ...lines];
}

/** Most types of errors, and most callers, that are shown. */
const MAX_ERRORS = 10;
const MAX_CALLERS = 10;

/** The callers of the service. Empty if nothing tells them apart. */
function callerLines(service: string, instances: readonly Instance[]): string[] {
  const rows = callerRowsOf(
    instances.flatMap(({ callers }) => callers),
    service,
  );
  if (rows.length === 0) return [];
  const orDash = (figure: number | null, show: (figure: number) => string): string =>
    figure === null ? '-' : show(figure);
  const omitted = rows.length - MAX_CALLERS;
  return [
    ...renderTable(
      [
        { title: `CALLER OF ${shown(service)}` },
        { title: 'RATE/S', align: 'right' },
        { title: 'FAILED', align: 'right' },
      ],
      rows
        .slice(0, MAX_CALLERS)
        .map(({ caller, rate, failedRatio }) => [
          caller,
          orDash(rate, showRate),
          orDash(failedRatio, showPercentage),
        ]),
    ),
    ...(omitted > 0 ? [`and ${omitted} more with fewer calls`] : []),
  ];
}

const NO_ERRORS = 'No errors since the process started.';
const NOT_BY_TYPE = 'No metric counts the errors by type. @ErrorsCounted and @Instrumented do.';

function errorLines(
  changes: readonly SeriesChange[],
  declaredExceptionsAreErrors: boolean,
): string[] {
  const errors = changes.filter(({ kind }) => kind === 'errorsCounted');
  if (errors.length === 0) {
    const isCounted = changes.some(({ kind }) => kind === 'failedByKind');
    return [isCounted ? NO_ERRORS : NOT_BY_TYPE];
  }
  const badOf = ({ exceptionKind }: SeriesChange): boolean =>
    isBad(exceptionKind, declaredExceptionsAreErrors);
  const types = [
    ...groupBy(errors, (series) => JSON.stringify([series.exceptionType, badOf(series)])).values(),
  ];
  const rows = types
    .map((series) => {
      const [first] = series as [SeriesChange];
      const recent = series.filter(({ seconds }) => seconds > 0);
      const rate = recent.reduce(
        (sum, { values, seconds }) => sum + (values.get(Infinity) ?? 0) / seconds,
        0,
      );
      const total = series.reduce(
        (sum, { sinceStart }) => sum + (sinceStart.get(Infinity) ?? 0),
        0,
      );
      return { type: first.exceptionType, bad: badOf(first), rate, total };
    })
    .filter(({ total }) => total > 0)
    .toSorted((a, b) => b.rate - a.rate || b.total - a.total);
  if (rows.length === 0) return [NO_ERRORS];
  const all = rows.reduce((sum, { total }) => sum + total, 0);
  const omitted = rows.length - MAX_ERRORS;
  return [
    ...renderTable(
      [
        { title: 'ERROR' },
        { title: 'BAD' },
        { title: 'PER SECOND', align: 'right' },
        { title: 'SINCE START', align: 'right' },
        { title: 'SHARE', align: 'right' },
      ],
      rows
        .slice(0, MAX_ERRORS)
        .map(({ type, bad, rate, total }) => [
          type,
          bad ? 'yes' : 'no',
          showRate(rate),
          String(total),
          showPercentage(total / all),
        ]),
    ),
    ...(omitted > 0 ? [`and ${omitted} more with fewer errors`] : []),
  ];
}

/** One line for each instance, and one for their sum if there are several. */
function instanceLines(
  sum: MethodRow,
  parts: readonly Part[],
  columns: readonly TopColumn[],
  width: number,
): string[] {
  const rows = parts.map((part) => ({
    name: part.instance.url,
    row: parts.length === 1 ? sum : rowAt(sum, part),
  }));
  if (rows.length > 1) rows.unshift({ name: 'all', row: sum });
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const visible = columnsWithin(width - Math.min(longest, NAME_WIDTH), columns);
  const figures = visible.reduce((total, column) => total + column.width + GAP, 0);
  return renderTable(
    [{ title: 'INSTANCE', width: Math.min(longest, width - figures) }, ...visible],
    rows.map(({ name, row }) => [
      name,
      ...visible.map(({ text }) => (row === undefined ? '-' : text(row))),
    ]),
  );
}

/**
 * What one instance says about a method. Undefined if it does not have the method. An error budget is that of all instances,
 * so one of them has none.
 */
function rowAt(sum: MethodRow, { instance, changes }: Part): MethodRow | undefined {
  const key = methodKeyOf(sum);
  const lost = instance.lostMethods().find((each) => methodKeyOf(each) === key);
  if (lost !== undefined) return lostRow(lost);
  const { latencyBound, declaredExceptionsAreErrors } = sum;
  const objective = { budget: null, latencyBound, declaredExceptionsAreErrors };
  return methodRowsOf(seriesByMethod(changes), new Map([[key, objective]]))[0];
}
