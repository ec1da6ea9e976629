import { CATALOGUE } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell } from '../../metrics/cell';
import type { Series } from '../../metrics/family';
import type { HistogramCell } from '../../metrics/histogram-cell';

/** Durations with a sum and a count. */
export class Durations {
  seconds = 0;
  count = 0;
  /** Whether a metric measures them. */
  isMeasured = false;

  add(cell: { readonly sum: number; readonly count: number | (() => number) }): void {
    this.isMeasured = true;
    this.seconds += cell.sum;
    this.count += typeof cell.count === 'number' ? cell.count : cell.count();
  }

  /** Takes out what expired series had measured, before the comparison with a later reading. */
  without(expired: Durations, now: Durations): void {
    this.count -= expired.count;
    // A rounding error must not look like a reset.
    this.seconds = Math.min(this.seconds - expired.seconds, now.seconds);
  }
}

/** Where the time of the calls of one method has gone, at one moment. */
export class TimeReading {
  /** From the packet to the handler, which includes decoding. */
  readonly queue = new Durations();
  readonly decode = new Durations();
  /** From the call of the handler until it settles. */
  readonly handler = new Durations();
  readonly write = new Durations();
  /** Seconds for which calls have held the event loop, or null if that is not measured. */
  held: number | null = null;
  /** The longest block of the last minute, in seconds. */
  longestBlock = 0;
}

type Add = (reading: TimeReading, cell: Series['cell']) => void;

/** How the series of each family is added to a reading. The latencies of the handler have names of the user's choice. */
const READ: Readonly<Record<string, Add>> = {
  [CATALOGUE.queue.name]: ({ queue }, cell) => queue.add(cell as HistogramCell),
  [CATALOGUE.requestDecode.name]: ({ decode }, cell) => decode.add(cell as HistogramCell),
  [CATALOGUE.responseWrite.name]: ({ write }, cell) => write.add(cell as HistogramCell),
  [CATALOGUE.eventLoop.name]: (reading, cell) => {
    reading.held = (reading.held ?? 0) + (cell as CounterCell).read();
  },
  [CATALOGUE.eventLoopLongest.name]: (reading, cell) => {
    reading.longestBlock = Math.max(reading.longestBlock, (cell as GaugeCell).read());
  },
};

/** What adds the series of a family to a reading, or null if the family says nothing about the time of calls. */
export function timeReaderOf(registeredName: string, prefix: string): Add | null {
  if (!registeredName.startsWith(prefix)) return null;
  return READ[registeredName.slice(prefix.length)] ?? null;
}
