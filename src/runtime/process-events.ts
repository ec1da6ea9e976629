import { milliseconds } from '../metrics/clock';
import { definePart } from './runtime';

/** Something after which figures may look different. */
export interface ProcessEvent {
  readonly kind: 'configured' | 'file' | 'recording-off' | 'recording-on' | 'workers';
  readonly text: string;
  /** Milliseconds on the monotonic clock, which starts with the process. */
  readonly time: number;
}

/** Maximum number of events that are kept. The oldest go first. */
const MAX_EVENTS = 100;

/** Milliseconds in which equal events count as one, because a program may change options in a loop. */
const SAME_TIME = 1000;

/** The latest events of this process, the oldest first. */
export class ProcessEvents {
  readonly all: ProcessEvent[] = [];

  record(kind: ProcessEvent['kind'], text: string): void {
    const time = milliseconds();
    const latest = this.all.at(-1);
    if (latest?.kind === kind && latest.text === text && time - latest.time < SAME_TIME) return;
    this.all.push({ kind, text, time });
    if (this.all.length > MAX_EVENTS) this.all.shift();
  }
}

export const processEventsOf = definePart('runtime.events', () => new ProcessEvents());
