import type { JSX } from 'preact';

import type { Time, Trend } from './protocol.js';
import { HEIGHT, sparklinePath, WIDTH } from './sparkline-path.js';

/**
 * A small line that shows the trend of a figure, from 0 to its largest value, or to `most` if that is larger. Hidden from
 * screen readers, because the figure is shown as text.
 */
export function Sparkline({
  times,
  trend,
  kind = 'plain',
  most = 0,
}: {
  readonly times: readonly Time[];
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
      <path d={sparklinePath(times, trend, most)} />
    </svg>
  );
}
