import type { JSX } from 'preact';

import { BreakableName } from './breakable-name.js';
import type { FigureColumn } from './columns.js';
import { FigureCells } from './figure-cells.js';
import { withNoun } from './format.js';
import { flag } from './method-line.js';
import { isInTrouble } from './trouble.js';
import type { MethodRow, Time } from './protocol.js';
import { totalOf } from './totals.js';

/** The row above the methods of a service, with their totals. It opens and closes the group. */
export function GroupLine({
  service,
  rows,
  figures,
  times,
  isOpen,
  toggle,
}: {
  readonly service: string;
  readonly rows: readonly MethodRow[];
  readonly figures: readonly FigureColumn[];
  readonly times: readonly Time[];
  readonly isOpen: boolean;
  readonly toggle: () => void;
}): JSX.Element {
  const troubles = rows.filter(isInTrouble).length;
  return (
    <tr role="row" class="line group-line" data-failing={flag(troubles > 0)}>
      <th role="rowheader" scope="row">
        <button type="button" class="name" aria-expanded={isOpen} onClick={toggle}>
          <span>
            <span class="method">
              <BreakableName name={service} />
            </span>
            <span class="service">{` ${withNoun(rows.length, 'method')}`}</span>
            {troubles > 0 && <span class="alarm">{` ▲ ${troubles}`}</span>}
          </span>
        </button>
      </th>
      <FigureCells row={totalOf(service, rows)} figures={figures} times={times} />
    </tr>
  );
}

/** The rows by service, in the order in which services first appear. */
export function groupByService(rows: readonly MethodRow[]): Map<string, MethodRow[]> {
  const groups = new Map<string, MethodRow[]>();
  for (const row of rows) {
    const group = groups.get(row.service);
    if (group === undefined) groups.set(row.service, [row]);
    else group.push(row);
  }
  return groups;
}
