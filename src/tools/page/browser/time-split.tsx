import type { JSX } from 'preact';

import { Headings } from './error-table.js';
import { formatPercentage, formatSeconds } from './format.js';
import type { Figure, TimeSplit } from './protocol.js';

interface Stage {
  /** Class of the segment, which determines its color. */
  readonly id: string;
  readonly name: string;
  readonly seconds: number;
}

/** Where the time of an average call goes: a stacked bar, and a table with its figures. */
export function TimeSplitView({ time }: { readonly time: TimeSplit }): JSX.Element {
  const stages = stagesOf(time);
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  return (
    <section class="time">
      <h2>Where the time goes</h2>
      {total === 0 ? (
        <p>{time.calls === 0 ? 'No calls settled in this window.' : 'No time was measured.'}</p>
      ) : (
        <>
          <div class="stages" aria-hidden="true">
            {stages.map(({ id, seconds }) => (
              <span key={id} class={`stage ${id}`} style={{ flexGrow: seconds / total }} />
            ))}
          </div>
          <table class="plain">
            <thead>
              <Headings texts={['Stage', 'Average', 'Share']} />
            </thead>
            <tbody>
              {stages.map(({ id, name, seconds }) => (
                <tr key={id} data-stage={id}>
                  <th scope="row">
                    <span class={`swatch ${id}`} aria-hidden="true" />
                    {name}
                  </th>
                  <td class="number">{formatSeconds(seconds)}</td>
                  <td class="number">{formatPercentage(seconds / total)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <p class="note">{notesOf(time).join(' ')}</p>
    </section>
  );
}

/** The stages that are measured, in the order in which a call passes through them. */
function stagesOf({
  queue,
  decode,
  handler,
  synchronous,
  waiting,
  write,
}: TimeSplit): readonly Stage[] {
  const isSplit = synchronous !== null;
  const all: readonly (readonly [id: string, name: string, seconds: Figure])[] = [
    ['queue', 'Queue', queue],
    ['decode', 'Decoding', decode],
    ['synchronous', 'Handler, synchronous part', synchronous],
    ['waiting', 'Handler, after it returned', waiting],
    ['waiting', 'Handler', isSplit ? null : handler],
    ['write', 'Writing the reply', write],
  ];
  return all.flatMap(([id, name, seconds]) => (seconds === null ? [] : [{ id, name, seconds }]));
}

/** Says what the stages are, and what is missing with its remedy. */
function notesOf({
  synchronous,
  handler,
  isQueueMeasured,
  isProcessorMeasured,
}: TimeSplit): string[] {
  const notes: string[] = [];
  if (synchronous !== null) {
    notes.push(
      'The synchronous part holds the event loop until the handler returns. What it does after its first await is in the time after it returned.',
    );
  } else if (handler !== null) notes.push('The synchronous part is excluded by a rule.');
  if (!isProcessorMeasured) {
    notes.push('Decoding and writing are not measured: pass the service to instrumentService.');
  }
  if (!isQueueMeasured) {
    notes.push(
      `The queue is not measured: pass the server to instrumentServer${isProcessorMeasured ? '' : ' as well'}.`,
    );
  }
  return notes;
}
