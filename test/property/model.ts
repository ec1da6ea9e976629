import { expectedFailure, expectedLabel, listed, type Decoration, type Metric } from './decoration';
import type { MadeCall } from './run';
import { asError } from './specimens';

/** Values by series. */
export type Counts = Map<string, number>;

export function seriesKey(
  metric: Metric,
  labels: Readonly<Record<string, string | undefined>>,
): string {
  const given = Object.entries(labels).filter(([, value]) => value !== undefined);
  return `${metric} ${JSON.stringify(given.toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
}

/** Whether the contract does not specify the type name of some error of these calls. */
export function hasOpenType(calls: Iterable<MadeCall>): boolean {
  return [...calls].some((call) => {
    const end = endOf(call);
    return end?.failed && asError(end.error).type === undefined;
  });
}

/**
 * A model of the contract: the counts that the calls of an undecorated handler would produce if it were decorated.
 * `typeOf` can map all error types to one, to sum errors over their types.
 */
export function expectedCounts(
  calls: Iterable<MadeCall>,
  decoration: Decoration,
  typeOf: (type: string) => string,
): Counts {
  const counts: Counts = new Map();
  for (const call of calls) {
    const labels = { thrift_method: call.method, who: expectedLabel(decoration, call.method) };
    const add = (metric: Metric, more: Record<string, string> = {}) => {
      if (!decoration.metrics.includes(metric)) return;
      const key = seriesKey(metric, { ...labels, ...more });
      counts.set(key, (counts.get(key) ?? 0) + 1);
    };
    add('counted');
    const end = endOf(call);
    if (end === undefined) add('inFlight');
    else if (end.failed) {
      add('timed', { thrift_success: 'false' });
      add('errorsCounted', errorLabels(end.error, decoration, typeOf));
    } else {
      const type = expectedFailure(decoration, end.result);
      add('timed', { thrift_success: String(type === undefined) });
      if (type !== undefined) {
        add('errorsCounted', {
          thrift_exception_type: typeOf(type),
          thrift_exception_kind: 'result',
        });
      }
    }
  }
  return counts;
}

type End = { failed: false; result: unknown } | { failed: true; error: unknown };

/** How a call settled; undefined if it never did. */
function endOf({ callbackStyle, events }: MadeCall): End | undefined {
  for (const { what, value, result } of events) {
    if (what === 'throw' || what === 'reject') return { failed: true, error: value };
    if (what === 'callback') {
      return value === null || value === undefined
        ? { failed: false, result }
        : { failed: true, error: value };
    }
    // While a callback is pending, a returned value or the end of an async function does not settle the call.
    if (!callbackStyle) return { failed: false, result: value };
  }
  return undefined;
}

function errorLabels(error: unknown, { lists }: Decoration, typeOf: (type: string) => string) {
  const { type = 'open', thrift } = asError(error);
  const declared = lists ? listed.some((each) => isInstance(error, each)) : thrift === true;
  return {
    thrift_exception_type: typeOf(type),
    thrift_exception_kind: declared ? 'declared' : 'undeclared',
  };
}

function isInstance(error: unknown, type: new (...args: never[]) => unknown): boolean {
  try {
    return error instanceof type;
  } catch {
    return false;
  }
}
