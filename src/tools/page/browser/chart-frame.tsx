import type { ComponentChildren, JSX } from 'preact';
import { useContext, useEffect, useRef } from 'preact/hooks';

import { formatTime } from './format.js';
import { describeMarkers, drawMarkers } from './markers.js';
import type { Marker } from './protocol.js';
import { Palette, themeColor } from './theme.js';
import uPlot from './uplot.js';

const HEIGHT = 170;

/** What differs between charts. Created when the chart is drawn, because the colors depend on the theme. */
export type ChartOptions = Pick<uPlot.Options, 'series' | 'scales' | 'hooks'> & {
  readonly yAxis: uPlot.Axis;
};

/** A chart over time with a heading, as wide as its container. Its options decide what it draws. */
export function ChartFrame({
  title,
  summary,
  data,
  options,
  readout,
  markers,
  children,
}: {
  readonly title: string;
  /** The content of the chart in words, for screen readers. */
  readonly summary: string;
  readonly data: uPlot.AlignedData;
  readonly options: () => ChartOptions;
  /** The text below the chart. */
  readonly readout: string;
  readonly markers: readonly Marker[];
  readonly children?: ComponentChildren;
}): JSX.Element {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const palette = useContext(Palette);
  const isEmpty = data[0].length === 0;
  /** What uPlot calls outlives the render that passed it. */
  const latestMarkers = useRef(markers);
  latestMarkers.current = markers;
  useEffect(() => {
    const node = container.current;
    if (node === null || isEmpty) return undefined;
    const created = createPlot(node, options(), data, () => latestMarkers.current);
    plot.current = created;
    const observer = new ResizeObserver(() =>
      created.setSize({ width: widthOf(node), height: HEIGHT }),
    );
    observer.observe(node);
    return () => {
      observer.disconnect();
      created.destroy();
      plot.current = null;
    };
  }, [palette, isEmpty]);
  useEffect(() => plot.current?.setData(data), [data]);
  return (
    <figure class="chart" aria-label={title}>
      <figcaption>{title}</figcaption>
      <div
        class="plot"
        role="img"
        aria-label={`${title}: ${summary}${describeMarkers(markers)}`}
        ref={container}
      />
      <p class="readout">{readout}</p>
      {children}
    </figure>
  );
}

function createPlot(
  container: HTMLElement,
  { yAxis, hooks, ...options }: ChartOptions,
  data: uPlot.AlignedData,
  markers: () => readonly Marker[],
): uPlot {
  const color = themeColor('muted');
  const draw = (plot: uPlot): void => drawMarkers(plot, markers(), color);
  const lines: uPlot.Axis = {
    stroke: themeColor('muted'),
    grid: { stroke: themeColor('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return new uPlot(
    {
      width: widthOf(container),
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      padding: [8, 26, 0, 0],
      axes: [
        {
          ...lines,
          space: 70,
          size: 28,
          values: (_plot, times) => times.map((time) => formatTime(time * 1000)),
        },
        { ...lines, size: 64, ...yAxis },
      ],
      ...options,
      hooks: { ...hooks, draw: [...(hooks?.draw ?? []), draw] },
    },
    data,
    container,
  );
}

function widthOf(container: HTMLElement): number {
  return Math.max(200, container.clientWidth);
}
