import type { ProcessEvent } from '../../runtime/process-events';
import type { Marker } from './browser/protocol';
import type { Window } from './timeline';

/** Milliseconds before the first sample of which events are shown at the start of the history. */
const BEFORE_HISTORY = 10_000;

/** Maximum number of markers in a chart. The latest are shown. */
const MAX_MARKERS = 20;

/** The monotonic clock starts with the process. */
const START: Pick<ProcessEvent, 'text' | 'time'> = { text: 'process started', time: 0 };

/**
 * The events in a window, the oldest first.
 *
 * @param timeOf converts a time of the samples to one of the wall clock
 */
export function markersIn(
  events: readonly ProcessEvent[],
  { timeline, from, to }: Window,
  timeOf: (time: number) => number,
): Marker[] {
  // What happened just before the first sample explains the history from its start.
  const begin = timeline.time(from) - (from === 0 ? BEFORE_HISTORY : 0);
  return [START, ...events]
    .filter(({ time }) => time > begin && time <= timeline.time(to))
    .slice(-MAX_MARKERS)
    .map(({ text, time }) => ({ time: timeOf(time), text }));
}

/** Whether calls may not have been recorded between two times of the samples. */
export function wasOffBetween(events: readonly ProcessEvent[], from: number, to: number): boolean {
  let isOff = false;
  for (const { kind, time } of events) {
    if (time > to) break;
    if (kind === 'recording-off') isOff = true;
    if (kind === 'recording-on') {
      if (time >= from) return true;
      isOff = false;
    }
  }
  return isOff;
}
