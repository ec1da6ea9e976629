import type { JSX } from 'preact';

import { formatPercentage, formatSeconds } from './format.js';
import type { Blocker, Overview } from './protocol.js';

/** How busy the event loop is, and the methods that hold it, the first most of all. */
export function EventLoop({ overview }: { readonly overview: Overview }): JSX.Element {
  const { eventLoop, process } = overview;
  const { utilization, blockers, longest, isMeasured } = eventLoop;
  const busy = utilization === null ? '' : ` ${formatPercentage(utilization)} busy`;
  const where = process.hasWorkers ? ' in this process' : '';
  return (
    <section class="event-loop" aria-labelledby="event-loop">
      <h2 id="event-loop">{`Event loop${busy}${where}`}</h2>
      {blockers.length === 0 ? (
        <p>
          {isMeasured
            ? 'No synchronous part of a call held it in this window.'
            : 'No method measures what holds it. @Timed and @Instrumented do.'}
        </p>
      ) : (
        <>
          <p id="blockers">
            {`${process.hasWorkers ? 'Held over all workers' : 'Held'} by the synchronous part of `}
            {blockers.map((blocker, i) => (
              <span key={nameOf(blocker)}>
                {i > 0 && ', '}
                <strong>{nameOf(blocker)}</strong>
                {` ${formatPercentage(blocker.share)}`}
              </span>
            ))}
          </p>
          {longest !== null && (
            <p id="longest-block">
              {'Longest block '}
              <strong>{formatSeconds(longest.longestBlock)}</strong>
              {` in ${nameOf(longest)}`}
            </p>
          )}
        </>
      )}
    </section>
  );
}

function nameOf({ service, method }: Blocker): string {
  return `${service}.${method}`;
}
