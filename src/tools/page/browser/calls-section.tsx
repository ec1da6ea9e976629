import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { BreakableName } from './breakable-name.js';
import type { CallsDocument, ShownCall } from './calls-protocol.js';
import { formatAge } from './format.js';
import { callColumnsOf, processName } from './call-columns.js';
import { useCalls } from './use-calls.js';

/** Calls that are shown before the user asks for all. */
const FEW = 8;

/** The calls in progress of all methods, the oldest first. */
export function CallsSection(): JSX.Element | null {
  const calls = useCalls('?only=in-progress');
  const [showsAll, setShowsAll] = useState(false);
  if (calls === null) return null;
  const { total, calls: all } = calls.inProgress;
  const shown = showsAll ? all : all.slice(0, FEW);
  return (
    <section class="calls" aria-labelledby="calls">
      <h2 id="calls" tabIndex={-1}>
        {`Calls in progress${calls.enabled ? `: ${total}` : ''}`}
      </h2>
      <CallsNotes calls={calls} />
      {all.length > 0 && (
        // Focusable, so that the keyboard can scroll it.
        <div class="calls-list" tabIndex={0} role="group" aria-label="Oldest calls">
          <InProgressTable calls={shown} />
        </div>
      )}
      {all.length > FEW && (
        <button type="button" aria-expanded={showsAll} onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? `Show the oldest ${FEW}` : `Show ${all.length} of ${total}`}
        </button>
      )}
    </section>
  );
}

/** Says what the list does not have, and why. */
function CallsNotes({ calls }: { readonly calls: CallsDocument }): JSX.Element {
  const { enabled, hidden, partial, processes, inProgress } = calls;
  const silent = processes.filter(({ answered }) => !answered);
  const notes = [
    !enabled && 'Calls are not kept because the setting calls is off.',
    enabled &&
      inProgress.total === 0 &&
      (silent.length === 0 && partial === null
        ? 'No call is in progress.'
        : 'No call in progress was found.'),
    silent.length > 0 &&
      `▲ No answer from ${silent.map(processName).join(', ')}: the event loop of a process that does not answer may be blocked.`,
    partial,
    enabled && hidden,
  ];
  return (
    <>
      {notes
        .filter((note) => typeof note === 'string')
        .map((note) => (
          <p key={note} class="note">
            {note}
          </p>
        ))}
    </>
  );
}

function InProgressTable({ calls }: { readonly calls: readonly ShownCall[] }): JSX.Element {
  const columns = callColumnsOf(calls);
  return (
    // Explicit roles, because the style sheet shows rows as cards where the page is narrow.
    <table role="table" class="plain call-table" aria-labelledby="calls">
      <thead role="rowgroup">
        <tr role="row">
          {['Age', 'Method', ...columns.map(({ title }) => title)].map((title) => (
            <th key={title} role="columnheader" scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {calls.map((call) => (
          <tr key={keyOfCall(call)} role="row">
            <td role="cell" class="number" data-title="Age">
              {formatAge(call.age)}
            </td>
            <th role="rowheader" scope="row">
              <BreakableName name={`${call.service}.${call.method}`} />
            </th>
            {columns.map(({ title, text }) => (
              <td key={title} role="cell" data-title={title}>
                {text(call)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function keyOfCall({ pid, thread, service, method, startedAt, peer }: ShownCall): string {
  return JSON.stringify([pid, thread, service, method, startedAt, peer]);
}
