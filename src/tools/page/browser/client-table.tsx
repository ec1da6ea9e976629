import type { JSX } from 'preact';

import { BreakableName } from './breakable-name.js';
import { HEADINGS, type FigureColumn } from './columns.js';
import { FigureCells } from './figure-cells.js';
import { withNoun } from './format.js';
import { keyOf } from './method-key.js';
import { flag } from './method-line.js';
import { isInTrouble } from './trouble.js';
import type { ClientRow, Overview } from './protocol.js';
import { sortRows, TROUBLE } from './sort.js';

/** The columns of a client. Objectives are declared for methods only. */
const FIGURES: readonly FigureColumn[] = [
  'rate',
  'failedRatio',
  'badRatio',
  'p99',
  'inFlight',
  'oldest',
];

/** The Thrift clients of the program, which are its dependencies. */
export function ClientTable({ overview }: { readonly overview: Overview }): JSX.Element | null {
  const { clients, omittedClients, times } = overview;
  if (clients.length === 0) return null;
  return (
    <section class="methods clients" aria-labelledby="dependencies">
      <h2 id="dependencies" tabIndex={-1}>
        Dependencies
      </h2>
      <table role="table" aria-labelledby="dependencies" class="method-table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col" data-column="method">
              <span>Client</span>
            </th>
            {FIGURES.map((column) => (
              <th key={column} role="columnheader" scope="col" data-column={column}>
                <span>{HEADINGS[column]}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {sortRows(clients, TROUBLE).map((client) => (
            <tr
              key={keyOf(client)}
              role="row"
              class="line"
              data-failing={flag(isInTrouble(client))}
              data-errors={flag((client.failedRatio ?? 0) > 0)}
            >
              <th role="rowheader" scope="row">
                <ClientName client={client} />
              </th>
              <FigureCells row={client} figures={FIGURES} times={times} />
            </tr>
          ))}
        </tbody>
      </table>
      {omittedClients > 0 && (
        <p class="note">{`Not shown because the history is full: ${withNoun(omittedClients, 'more client')}.`}</p>
      )}
    </section>
  );
}

function ClientName({
  client: { service, method, topError },
}: {
  readonly client: ClientRow;
}): JSX.Element {
  return (
    <>
      <span class="method">
        <BreakableName name={method} />
      </span>
      {service !== method && (
        <span class="service">
          {' '}
          <BreakableName name={service} />
        </span>
      )}
      {topError !== null && <span class="top-error">{topError}</span>}
    </>
  );
}
