import type { JSX } from 'preact';

import { formatCount, formatRate, formatTime, NO_VALUE } from './format.js';
import type { MethodDetail } from './protocol.js';

/** The table of a method's errors by type, the most frequent first. */
export function ErrorTable({ detail }: { readonly detail: MethodDetail }): JSX.Element {
  const { errors } = detail;
  const hasTraces = errors.some(({ traceId }) => traceId !== null);
  const columns = ['Type', 'Kind', 'Count', 'Rate', 'First seen', 'Last seen'];
  return (
    <section>
      <h2>Errors by type</h2>
      {errors.length === 0 ? (
        <p>
          {detail.outcomes === 'by kind'
            ? 'No errors in this window.'
            : 'No metric counts the errors by type. @ErrorsCounted and @Instrumented do.'}
        </p>
      ) : (
        <table class="plain errors">
          <thead>
            <Headings texts={hasTraces ? [...columns, 'Trace'] : columns} />
          </thead>
          <tbody>
            {errors.map(({ kind, type, count, rate, firstSeen, lastSeen, traceId }) => (
              <tr key={`${kind} ${type}`}>
                <th scope="row">{type ?? 'other types'}</th>
                <td>{kind}</td>
                <td class="number">{formatCount(count)}</td>
                <td class="number">{formatRate(rate)}</td>
                <td class="number">{firstSeen === null ? NO_VALUE : formatTime(firstSeen)}</td>
                <td class="number">{lastSeen === null ? NO_VALUE : formatTime(lastSeen)}</td>
                {hasTraces && <td class="trace">{traceId ?? NO_VALUE}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** The heading row of a table. */
export function Headings({ texts }: { readonly texts: readonly string[] }): JSX.Element {
  return (
    <tr>
      {texts.map((text) => (
        <th key={text} scope="col">
          {text}
        </th>
      ))}
    </tr>
  );
}
