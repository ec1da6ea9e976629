import type { JSX } from 'preact';

import { Headings } from './error-table.js';
import { formatCount, formatRate, formatTime, NO_VALUE } from './format.js';
import type { ConnectionRow, Overview, ProtocolErrorRow } from './protocol.js';

/** The connections of the servers by transport, and what they refused by reason. */
export function ConnectionTables({
  overview,
}: {
  readonly overview: Overview;
}): JSX.Element | null {
  const { connections, protocolErrors, startedAt } = overview;
  if (connections.length === 0 && protocolErrors.length === 0) return null;
  return (
    <div class="connections">
      {connections.length > 0 && (
        <section aria-labelledby="connections">
          <h2 id="connections">Connections</h2>
          <table class="plain">
            <thead>
              <Headings texts={['Transport', 'Open', 'New', 'Closed in window']} />
            </thead>
            <tbody>
              {connections.map((row) => (
                <TransportRow key={row.transport} row={row} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {protocolErrors.length > 0 && (
        <section aria-labelledby="protocol-errors">
          <h2 id="protocol-errors">Protocol errors</h2>
          <table class="plain">
            <thead>
              <Headings
                texts={['Reason', 'Count', 'Rate', `Since ${formatTime(startedAt)}`, 'Last seen']}
              />
            </thead>
            <tbody>
              {protocolErrors.map((row) => (
                <ReasonRow key={row.reason} row={row} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

function TransportRow({
  row: { transport, open, rate, closed },
}: {
  readonly row: ConnectionRow;
}): JSX.Element {
  const reasons = closed.map(({ reason, count }) => `${count} ${reason}`);
  return (
    <tr>
      <th scope="row">{transport}</th>
      <td class="number">{formatCount(open)}</td>
      <td class="number">{formatRate(rate)}</td>
      <td class="number">{reasons.length === 0 ? NO_VALUE : reasons.join(', ')}</td>
    </tr>
  );
}

function ReasonRow({
  row: { reason, count, rate, sinceStart, lastSeen },
}: {
  readonly row: ProtocolErrorRow;
}): JSX.Element {
  const isCurrent = count > 0;
  return (
    <tr data-bad={isCurrent ? '' : undefined}>
      <th scope="row">{`${isCurrent ? '▲ ' : ''}${reason}`}</th>
      <td class="number">{formatCount(count)}</td>
      <td class="number">{formatRate(rate)}</td>
      <td class="number">{formatCount(sinceStart)}</td>
      <td class="number">{lastSeen === null ? NO_VALUE : formatTime(lastSeen)}</td>
    </tr>
  );
}
