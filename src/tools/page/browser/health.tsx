import type { JSX } from 'preact';

import { formatBytes, formatCount, formatRate, formatSeconds, formatPercentage } from './format.js';
import type { Trend, Figure, Overview } from './protocol.js';
import { painOf } from './sort.js';
import { Sparkline } from './sparkline.js';

/** Tiles that show the health of the process, and all methods together. */
export function Health({ overview }: { readonly overview: Overview }): JSX.Element {
  const { process, methods } = overview;
  const { loopDelay, cpu, heapUsed, heapLimit } = process;
  const failing = methods.filter((method) => (painOf(method) ?? 0) > 0).length;
  const busy = methods.filter(({ inFlight }) => (inFlight ?? 0) > 0).length;
  return (
    <dl class="tiles" aria-label="Process">
      <Tile
        name="Calls"
        id="all-rate"
        value={formatRate(sum(methods.map(({ rate }) => rate)))}
        note={
          failing === 0 ? 'no bad calls' : `▲ bad calls in ${failing} of ${methods.length} methods`
        }
        trend={sumOfTrends(methods.map((row) => row.rates))}
      />
      <Tile
        name="In flight"
        id="all-in-flight"
        value={formatCount(sum(methods.map(({ inFlight }) => inFlight)))}
        note={`in ${busy} of ${methods.length} methods`}
        trend={sumOfTrends(methods.map((row) => row.inFlights))}
      />
      <Tile
        name="Event loop delay"
        id="loop-delay"
        value={formatSeconds(highest(loopDelay))}
        note={`maximum; now ${formatSeconds(loopDelay.at(-1) ?? null)}`}
        trend={loopDelay}
      />
      <Tile
        name="CPU"
        id="cpu"
        value={formatPercentage(cpu.at(-1) ?? null)}
        note="of one core, now"
        trend={cpu}
        most={1}
      />
      <Tile
        name="Heap"
        id="heap"
        value={formatBytes(heapUsed.at(-1) ?? null)}
        note={`limit ${formatBytes(heapLimit)}`}
        trend={heapUsed}
      />
    </dl>
  );
}

/** A named figure with its trend. */
function Tile({
  name,
  id,
  value,
  note,
  trend,
  most = 0,
}: {
  readonly name: string;
  readonly id: string;
  readonly value: string;
  readonly note: string;
  readonly trend: Trend;
  readonly most?: number;
}): JSX.Element {
  return (
    <div class="tile" id={id}>
      <dt>{name}</dt>
      <dd class="value">{value}</dd>
      <dd class="note">{note}</dd>
      <dd class="trend">
        <Sparkline trend={trend} most={most} />
      </dd>
    </div>
  );
}

/** The sum of the known figures, or null if none is known. */
function sum(figures: readonly Figure[]): Figure {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((total, figure) => total + figure, 0);
}

function sumOfTrends(trends: readonly Trend[]): Trend {
  const length = Math.max(0, ...trends.map((trend) => trend.length));
  return Array.from({ length }, (_, i) => sum(trends.map((trend) => trend[i] ?? null)));
}

function highest(trend: Trend): Figure {
  return trend.length === 0 ? null : Math.max(...trend.map((value) => value ?? 0));
}
