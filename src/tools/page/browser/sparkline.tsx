import type { JSX } from 'preact';

import type { Trend } from './protocol.js';

const WIDTH = 72;
const HEIGHT = 20;

/**
 * A small line that shows the trend of a figure, from 0 to its largest value, or to `most` if that is larger. Hidden from
 * screen readers, because the figure is shown as text.
 */
export function Sparkline({
  trend,
  kind = 'plain',
  most = 0,
}: {
  readonly trend: Trend;
  readonly kind?: 'plain' | 'bad';
  readonly most?: number;
}): JSX.Element {
  return (
    <svg
      class={`sparkline ${kind}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={pathOf(trend, most)} />
    </svg>
  );
}

function pathOf(trend: Trend, most: number): string {
  const highest = Math.max(most, ...trend.map((value) => value ?? 0));
  const step = WIDTH / Math.max(1, trend.length - 1);
  let path = '';
  let isDown = false;
  trend.forEach((value, i) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const x = (i * step).toFixed(1);
    const y = (HEIGHT - 1 - (highest === 0 ? 0 : value / highest) * (HEIGHT - 2)).toFixed(1);
    // `h.1` shows a single value between two gaps as a point.
    path += isDown ? `L${x} ${y}` : `M${x} ${y}h.1`;
    isDown = true;
  });
  return path;
}
