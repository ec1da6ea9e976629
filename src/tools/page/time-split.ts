import type { TimeSplit } from './browser/protocol';
import type { TimeHistory } from './time-history';
import type { Window } from './timeline';

/** Divides the time of an average call in a window into the stages that are measured. */
export function splitTime(times: TimeHistory, window: Window): TimeSplit {
  const { queue, decode, handler, write } = times;
  const beforeHandler = queue.meanIn(window);
  const decoding = decode.meanIn(window);
  const inHandler = handler.meanIn(window);
  const held =
    times.isHeldMeasured && inHandler !== null
      ? times.heldIn(window) / handler.countIn(window)
      : null;
  // Calls that have returned but not settled count for one and not for the other. So does a handler that goes on after it has
  // called back.
  const synchronous = held === null || inHandler === null ? null : Math.min(held, inHandler);
  return {
    calls: handler.countIn(window),
    // The time up to the handler includes decoding.
    queue: beforeHandler === null ? null : Math.max(0, beforeHandler - (decoding ?? 0)),
    decode: decoding,
    handler: inHandler,
    synchronous,
    waiting: synchronous === null || inHandler === null ? null : inHandler - synchronous,
    write: write.meanIn(window),
    isQueueMeasured: queue.isMeasured,
    isProcessorMeasured: decode.isMeasured,
  };
}
