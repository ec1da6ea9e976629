import type { JSX } from 'preact';

import { formatBytes, formatCount, formatRate, formatSeconds, formatPercentage } from './format.js';
import type { MethodRow, Overview, Time, Trend } from './protocol.js';
import { troublingRate } from './trouble.js';
import { Sparkline } from './sparkline.js';
import { peakOf, sum, sumOfTrends } from './totals.js';

/** Tiles that show the health of the process, and all methods together. */
export function Health({ overview }: { readonly overview: Overview }): JSX.Element {
  const { process, methods, times } = overview;
  const { loopDelay, cpu, heapUsed, heapLimit } = process;
  const busy = methods.filter(({ inFlight }) => (inFlight ?? 0) > 0).length;
  return (
    <dl class="tiles" aria-label="Process">
      <Tile
        name="Calls"
        id="all-rate"
        value={formatRate(sum(methods.map(({ rate }) => rate)))}
        note={noteOfCalls(methods)}
        times={times}
        trend={sumOfTrends(methods.map((row) => row.rates))}
      />
      <Tile
        name="In flight"
        id="all-in-flight"
        value={formatCount(sum(methods.map(({ inFlight }) => inFlight)))}
        note={`in ${busy} of ${methods.length} methods`}
        times={times}
        trend={sumOfTrends(methods.map((row) => row.inFlights))}
      />
      <Tile
        name="Event loop delay"
        id="loop-delay"
        value={formatSeconds(peakOf(loopDelay))}
        note={`maximum; now ${formatSeconds(loopDelay.at(-1) ?? null)}`}
        times={times}
        trend={loopDelay}
      />
      <Tile
        name="CPU"
        id="cpu"
        value={formatPercentage(cpu.at(-1) ?? null)}
        note="of one core, now"
        times={times}
        trend={cpu}
        most={1}
      />
      <Tile
        name="Heap"
        id="heap"
        value={formatBytes(heapUsed.at(-1) ?? null)}
        note={`limit ${formatBytes(heapLimit)}`}
        times={times}
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
  times,
  trend,
  most = 0,
}: {
  readonly name: string;
  readonly id: string;
  readonly value: string;
  readonly note: string;
  readonly times: readonly Time[];
  readonly trend: Trend;
  readonly most?: number;
}): JSX.Element {
  return (
    <div class="tile" id={id}>
      <dt>{name}</dt>
      <dd class="value">{value}</dd>
      <dd class="note">{note}</dd>
      <dd class="trend">
        <Sparkline times={times} trend={trend} most={most} />
      </dd>
    </div>
  );
}

/** Says how many methods have bad calls. Where only failed calls are known, it says so. */
function noteOfCalls(methods: readonly MethodRow[]): string {
  const failing = methods.filter((method) => (troublingRate(method) ?? 0) > 0).length;
  if (failing > 0) return `▲ bad in ${failing} of ${methods.length} methods`;
  const failed = sum(methods.map(({ failedRate }) => failedRate));
  if (failed === null) return 'failures are not counted';
  return failed > 0 ? `none bad; ${formatRate(failed)} failed` : 'none failed';
}
