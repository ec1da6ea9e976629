import type { JSX } from 'preact';

import { callColumnsOf } from './call-columns.js';
import type { ShownMethod, ShownSettledCall } from './calls-protocol.js';
import { formatSeconds, formatTime } from './format.js';
import { useCalls } from './use-calls.js';

/** The latest slow and failed calls of a method. */
export function MethodCallsView({
  service,
  method,
}: {
  readonly service: string;
  readonly method: string;
}): JSX.Element | null {
  const calls = useCalls(`?${new URLSearchParams({ service, method })}`);
  if (calls === null || !calls.enabled) return null;
  const [kept] = calls.methods;
  return (
    <section class="kept-calls">
      <h2>Calls that mattered</h2>
      {kept === undefined
        ? calls.omitted === 0 && <p>No slow or failed call is kept.</p>
        : groupsOf(kept).map(({ title, calls: group }) => (
            <KeptTable key={title} title={title} calls={group} />
          ))}
      {calls.omitted > 0 && (
        <p class="note">{`${calls.omitted} earlier calls of the program are left out, because the answer would be too long.`}</p>
      )}
      {kept !== undefined && calls.hidden !== null && <p class="note">{calls.hidden}</p>}
    </section>
  );
}

interface Group {
  readonly title: string;
  readonly calls: readonly ShownSettledCall[];
}

function groupsOf({ failed, slow }: ShownMethod): Group[] {
  return [
    ...failed.map(({ type, kind, calls }) => ({ title: `Failed: ${type} (${kind})`, calls })),
    ...slow.map(({ from, to, calls }) => ({
      title:
        to === null
          ? `Slow: ${formatSeconds(from)} and longer`
          : `Slow: ${formatSeconds(from)} to ${formatSeconds(to)}`,
      calls,
    })),
  ];
}

function KeptTable({ title, calls }: Group): JSX.Element {
  const columns = callColumnsOf(calls);
  const hasErrors = calls.some(({ error }) => error !== null && hasText(error));
  const titles = ['Started', 'Duration', ...columns.map((column) => column.title)];
  return (
    <table role="table" class="plain call-table">
      <caption>{title}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {(hasErrors ? [...titles, 'Error'] : titles).map((text) => (
            <th key={text} role="columnheader" scope="col">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {calls.map((call) => (
          <tr key={`${call.startedAt} ${call.pid} ${call.peer}`} role="row">
            <td role="cell" class="number" data-title="Started">
              {formatTime(Date.parse(call.startedAt))}
            </td>
            <td role="cell" class="number" data-title="Duration">
              {formatSeconds(call.duration)}
            </td>
            {columns.map((column) => (
              <td key={column.title} role="cell" data-title={column.title}>
                {column.text(call)}
              </td>
            ))}
            {hasErrors && (
              <td role="cell" class="error" data-title="Error">
                <ErrorText call={call} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function hasText({ message, stack }: NonNullable<ShownSettledCall['error']>): boolean {
  return message !== null || stack !== null;
}

function ErrorText({ call: { error } }: { readonly call: ShownSettledCall }): JSX.Element {
  const { message = null, stack = null } = error ?? {};
  if (stack === null) return <>{message ?? '–'}</>;
  return (
    <details>
      <summary>{message ?? 'Stack'}</summary>
      <pre tabIndex={0}>{stack}</pre>
    </details>
  );
}
