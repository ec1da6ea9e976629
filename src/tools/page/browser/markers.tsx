import type { JSX } from 'preact';

import { formatTime } from './format.js';
import type { Marker } from './protocol.js';
import type uPlot from './uplot.js';

/** The markers in words, for the summary of a chart. Empty without markers. */
export function describeMarkers(markers: readonly Marker[]): string {
  if (markers.length === 0) return '';
  const events = markers.map(({ time, text }) => `${text} at ${formatTime(time)}`);
  return `. Events: ${events.join('; ')}`;
}

/** Draws a line with a triangle at the time of each marker. One before the chart is at its start. */
export function drawMarkers(plot: uPlot, markers: readonly Marker[], color: string): void {
  const { ctx, bbox } = plot;
  const unit = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.lineWidth = unit;
  ctx.setLineDash([3 * unit, 3 * unit]);
  for (const { time } of markers) {
    const wanted = plot.valToPos(time / 1000, 'x', true);
    const bounded = Math.min(Math.max(wanted, bbox.left), bbox.left + bbox.width);
    // A line of one pixel is sharp between two whole positions.
    const x = Math.floor(bounded) + (unit % 2) / 2;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 4 * unit, bbox.top);
    ctx.lineTo(x + 4 * unit, bbox.top);
    ctx.lineTo(x, bbox.top + 7 * unit);
    ctx.fill();
  }
  ctx.restore();
}

/** The markers of the charts of a method. */
export function MarkerList({
  markers,
}: {
  readonly markers: readonly Marker[];
}): JSX.Element | null {
  if (markers.length === 0) return null;
  return (
    <ul class="markers" aria-label="Events in the charts">
      {markers.map(({ time, text }) => (
        <li key={`${time} ${text}`}>
          <span aria-hidden="true">▼ </span>
          {`${formatTime(time)} ${text}`}
        </li>
      ))}
    </ul>
  );
}
