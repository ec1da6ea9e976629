import type { MetricKind } from '../../metrics/catalogue';
import { outcomeSources } from '../../slo/outcome';
import type { LabelBreakdown, LabelledCalls } from './browser/protocol';
import { countIn, rateOf, ratio } from './figures';
import type { LabelHistories, LabelledHistory } from './label-history';
import type { Window } from './timeline';

type Row = LabelledCalls & { readonly count: number };

/** The calls in a window by label and value: of each label, the values with most calls first. */
export function breakdownsIn(
  { names, values, others }: LabelHistories,
  window: Window,
): LabelBreakdown[] {
  return [...names].flatMap(([label, kinds]) => {
    const rows = [...values.values()]
      .filter(({ name }) => name === label)
      .map(({ value, history }) => rowIn(value, history, kinds, window));
    const rest = others.get(label);
    if (rest !== undefined) rows.push(rowIn(null, rest, kinds, window));
    const called = rows.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
    if (called.length === 0) return [];
    return [{ label, values: called.map(({ count: _count, ...row }) => row) }];
  });
}

/** @param kinds the kinds of metrics that have the label */
function rowIn(
  value: string | null,
  history: LabelledHistory,
  kinds: ReadonlySet<MetricKind>,
  window: Window,
): Row {
  const { calls, failures } = outcomeSources(kinds);
  const settled = countIn(history.ok, window) + countIn(history.failed, window);
  const ofKind = { counted: countIn(history.requests, window), timed: settled };
  const count = calls === null ? null : ofKind[calls];
  const failed =
    failures === null ? null : countIn(history[failures === 'timed' ? 'failed' : 'errors'], window);
  const secondsAt = (sample: number): number => history.seconds.at(window.timeline.slot(sample));
  const seconds = secondsAt(window.to) - secondsAt(window.from);
  return {
    value,
    count: count ?? failed ?? 0,
    rate: rateOf(count, window),
    failedRatio: ratio(failed, count),
    mean: kinds.has('timed') && settled > 0 ? seconds / settled : null,
  };
}
