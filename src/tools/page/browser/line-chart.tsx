import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';

import { ChartFrame } from './chart-frame.js';
import { formatTime } from './format.js';
import type { Figure, Marker, Time, Trend } from './protocol.js';
import { themeColor } from './theme.js';
import type uPlot from './uplot.js';

export interface Line {
  readonly label: string;
  /** Name of a custom property in the style sheet. */
  readonly color: string;
  /** Distinguishes the line without colors. */
  readonly dash: readonly number[];
}

/** A chart of several lines over time. Its legend shows the values under the pointer, or else the last ones. */
export function LineChart({
  title,
  lines,
  format,
  formatAxis = format,
  times,
  trends,
  markers,
}: {
  readonly title: string;
  /** The same for the life of the chart. */
  readonly lines: readonly Line[];
  readonly format: (value: Figure) => string;
  /** Formats the values of the axis. @default as the values of the lines */
  readonly formatAxis?: (value: Figure) => string;
  readonly times: readonly Time[];
  readonly trends: readonly Trend[];
  readonly markers: readonly Marker[];
}): JSX.Element {
  const [pointed, setPointed] = useState<number | null>(null);
  /** What uPlot calls outlives the render that passed it. */
  const latest = useRef(formatAxis);
  latest.current = formatAxis;
  const data = useMemo(
    () =>
      [times.map((time) => time / 1000), ...trends.map((trend) => [...trend])] as uPlot.AlignedData,
    [times],
  );
  const at = pointed === null || pointed >= times.length ? times.length - 1 : pointed;
  const time = times[at];
  const valueAt = (i: number, index: number): string => format(trends[i]?.[index] ?? null);
  return (
    <ChartFrame
      title={title}
      summary={lines.map(({ label }, i) => `${label} ${valueAt(i, times.length - 1)}`).join(', ')}
      data={data}
      markers={markers}
      options={() => ({
        scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
        series: [
          {},
          ...lines.map(({ label, color, dash }) => ({
            label,
            stroke: themeColor(color),
            width: 2,
            dash: [...dash],
            points: { show: false },
          })),
        ],
        yAxis: { values: (_plot, values) => values.map((value) => latest.current(value)) },
        hooks: { setCursor: [(plot) => setPointed(plot.cursor.idx ?? null)] },
      })}
      readout={time === undefined ? '' : `${pointed === null ? 'Last: ' : ''}${formatTime(time)}`}
    >
      <ul class="legend">
        {lines.map((line, i) => (
          <li key={line.label}>
            <LineKey line={line} />
            {`${line.label} `}
            <span class="figure">{valueAt(i, at)}</span>
          </li>
        ))}
      </ul>
    </ChartFrame>
  );
}

/** A sample of a line for the legend. */
function LineKey({ line: { color, dash } }: { readonly line: Line }): JSX.Element {
  return (
    <svg class={`key ${color}`} viewBox="0 0 28 8" aria-hidden="true">
      <path d="M0 4H28" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}
