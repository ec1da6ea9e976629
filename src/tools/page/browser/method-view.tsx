import type { JSX } from 'preact';

import { BreakdownTables } from './breakdown-tables.js';
import { BudgetTable } from './budget-table.js';
import { ErrorTable } from './error-table.js';
import { ErrorTexts } from './error-texts.js';
import { FiguresTable } from './figures-table.js';
import { formatPercentile, formatRate, formatSeconds } from './format.js';
import { Heatmap } from './heatmap.js';
import { LineChart, type Line } from './line-chart.js';
import { MarkerList } from './markers.js';
import { MethodCallsView } from './method-calls.js';
import type { MethodDetail } from './protocol.js';
import { TimeSplitView } from './time-split.js';

const OK: Line = { label: 'ok', color: 'ok', dash: [] };

/** The lines of calls, as far as the metrics of a method tell their outcomes. */
const OUTCOMES: Readonly<Record<MethodDetail['outcomes'], readonly Line[]>> = {
  'by kind': [
    OK,
    { label: 'declared exception', color: 'declared', dash: [8, 4] },
    { label: 'undeclared error', color: 'bad', dash: [2, 3] },
  ],
  failed: [OK, { label: 'failed', color: 'bad', dash: [2, 3] }],
  unknown: [{ label: 'calls', color: 'ok', dash: [] }],
};

const PERCENTILES: readonly Line[] = [
  { label: 'p50', color: 'calm', dash: [2, 3] },
  { label: 'p95', color: 'accent', dash: [8, 4] },
  { label: 'p99', color: 'text', dash: [] },
];

const LATENCY_NOTES = {
  histogram: '',
  summary:
    'This method has a summary. Its percentiles cover the last ten minutes, regardless of the selected window, and cannot be drawn over time.',
  none: 'This method has no latency metric.',
} as const;

/** The charts and tables of one method. */
export function MethodView({ detail }: { readonly detail: MethodDetail }): JSX.Element {
  const { times, seconds, ok, declared, undeclared, p50, p95, p99, latency, bounds, heat } = detail;
  const { markers, outcomes } = detail;
  const trends = {
    'by kind': [ok, declared, undeclared],
    failed: [ok, undeclared],
    unknown: [ok],
  };
  const outer = { lowestBound: bounds[0] ?? null, highestBound: bounds.at(-1) ?? null };
  const metrics = detail.metrics.map(({ name, type }) => `${name} (${type})`).join(', ');
  return (
    <div class="view">
      <div class="charts">
        <LineChart
          key={outcomes}
          title={outcomes === 'unknown' ? 'Calls (outcomes are not counted)' : 'Calls by outcome'}
          lines={OUTCOMES[outcomes]}
          format={formatRate}
          times={times}
          trends={trends[outcomes]}
          markers={markers}
        />
        {latency === 'histogram' && (
          <>
            <LineChart
              title="Latency percentiles"
              lines={PERCENTILES}
              format={(value) => formatPercentile(value, outer)}
              formatAxis={formatSeconds}
              times={times}
              trends={[p50, p95, p99]}
              markers={markers}
            />
            <Heatmap
              title="Latency heatmap"
              times={times}
              seconds={seconds}
              bounds={bounds}
              heat={heat}
              markers={markers}
            />
          </>
        )}
      </div>
      <MarkerList markers={markers} />
      <p class="note">{LATENCY_NOTES[latency]}</p>
      <TimeSplitView time={detail.time} />
      <div class="tables">
        <ErrorTable detail={detail} />
        <BudgetTable detail={detail} />
        <ErrorTexts detail={detail} />
        <FiguresTable detail={detail} outer={outer} />
        <BreakdownTables detail={detail} />
      </div>
      <MethodCallsView service={detail.service} method={detail.method} />
      <p class="note">{`Declared by ${detail.declaredBy || 'a handler'}: ${metrics}`}</p>
    </div>
  );
}
