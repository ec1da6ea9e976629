import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';

import { ChartFrame } from './chart-frame.js';
import { formatRate, formatSeconds, formatTime } from './format.js';
import type { Marker, Time } from './protocol.js';
import { themeColor } from './theme.js';
import type uPlot from './uplot.js';

interface Cells {
  readonly times: readonly Time[];
  /** The length of each step. */
  readonly seconds: readonly number[];
  readonly bounds: readonly number[];
  /** The number of calls in each bucket, for each step. */
  readonly heat: readonly (readonly number[])[];
}

/** The latency distribution over time: a column per step, a row per bucket, and a stronger color for more calls per second. */
export function Heatmap({
  title,
  markers,
  ...cells
}: Cells & { readonly title: string; readonly markers: readonly Marker[] }): JSX.Element {
  const { times } = cells;
  const [pointed, setPointed] = useState<string | null>(null);
  /** What uPlot calls outlives the render that passed it. */
  const latest = useRef<Cells>(cells);
  latest.current = cells;
  const data = useMemo(
    () => [times.map((time) => time / 1000), times.map(() => null)] as uPlot.AlignedData,
    [times],
  );
  const summary = summaryOf(cells);
  return (
    <ChartFrame
      title={title}
      summary={summary}
      data={data}
      markers={markers}
      options={() => {
        const fill = themeColor('heat');
        return {
          scales: { y: { range: () => [0, latest.current.bounds.length + 1] } },
          series: [{}, { paths: () => null, points: { show: false } }],
          yAxis: {
            // Draws a line at each bound, but only as many labels as fit.
            splits: () => latest.current.bounds.map((_, i) => i + 1),
            values: (plot, splits) => labelsOf(latest.current.bounds, plot, splits),
          },
          hooks: {
            draw: [(plot) => draw(latest.current, plot, fill)],
            setCursor: [(plot) => setPointed(describePointed(latest.current, plot))],
          },
        };
      }}
      readout={pointed ?? summary}
    />
  );
}

function summaryOf({ bounds, heat }: Cells): string {
  const totals = heat.reduce<readonly number[]>(
    (sum, column) => column.map((count, i) => count + (sum[i] ?? 0)),
    [],
  );
  const fullest = totals.indexOf(Math.max(0, ...totals));
  return fullest === -1 || totals[fullest] === 0
    ? 'no calls'
    : `most calls took ${bucketOf(bounds, fullest)}`;
}

function labelsOf(bounds: readonly number[], plot: uPlot, splits: readonly number[]): string[] {
  const fitting = (14 * splits.length) / (plot.bbox.height / devicePixelRatio);
  const labelEvery = Math.max(1, Math.ceil(fitting));
  return splits.map((split, i) =>
    i % labelEvery === 0 ? formatSeconds(bounds[split - 1] ?? null) : '',
  );
}

function draw({ times, seconds, heat }: Cells, plot: uPlot, fill: string): void {
  const { ctx } = plot;
  const rates = heat.map((column, at) => column.map((count) => count / (seconds[at] ?? 1)));
  const most = Math.max(0, ...rates.flat());
  ctx.save();
  ctx.fillStyle = fill;
  rates.forEach((column, at) => {
    const time = (times[at] as number) / 1000;
    const end = plot.valToPos(time, 'x', true);
    const start = plot.valToPos(time - (seconds[at] ?? 0), 'x', true);
    const begin = Math.max(plot.bbox.left, start);
    column.forEach((rate, bucket) => {
      if (rate === 0) return;
      const top = plot.valToPos(bucket + 1, 'y', true);
      const bottom = plot.valToPos(bucket, 'y', true);
      // The square root keeps a few calls visible beside many.
      ctx.globalAlpha = 0.12 + 0.88 * Math.sqrt(rate / most);
      ctx.fillRect(begin, top, Math.max(1, end - begin - 1), bottom - top - 1);
    });
  });
  ctx.restore();
}

/** The cell under the pointer in words, or null if there is none. */
function describePointed({ times, seconds, bounds, heat }: Cells, plot: uPlot): string | null {
  const { left = -1, top = -1 } = plot.cursor;
  if (left < 0 || top < 0) return null;
  const time = plot.posToVal(left, 'x') * 1000;
  const at = times.findIndex((end) => time <= end);
  const bucket = Math.floor(plot.posToVal(top, 'y'));
  const count = heat[at]?.[bucket];
  if (count === undefined) return null;
  const rate = formatRate(count / (seconds[at] ?? 1));
  const end = formatTime(times[at] as number);
  return `${count} calls (${rate}) took ${bucketOf(bounds, bucket)}, in the step until ${end}`;
}

function bucketOf(bounds: readonly number[], index: number): string {
  const from = formatSeconds(index === 0 ? 0 : (bounds[index - 1] as number));
  const bound = bounds[index];
  return bound === undefined ? `more than ${from}` : `${from} to ${formatSeconds(bound)}`;
}
