import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

import { BreakableName } from './breakable-name.js';
import type { FigureColumn } from './columns.js';
import { FigureCells } from './figure-cells.js';
import { keyOf } from './method-key.js';
import { isIdle } from './method-filter.js';
import { MethodView } from './method-view.js';
import { isInTrouble } from './trouble.js';
import type { MethodDetail, MethodRow, Time } from './protocol.js';

/**
 * The row of one method, and the row below it that opens. The elements have explicit roles, so that screen readers still
 * find a table where the style sheet shows rows as cards.
 */
export function MethodLine({
  row,
  figures,
  times,
  isOpen,
  detail,
  toggle,
}: {
  readonly row: MethodRow;
  readonly figures: readonly FigureColumn[];
  readonly times: readonly Time[];
  readonly isOpen: boolean;
  /** Undefined until the server has sent it. */
  readonly detail: MethodDetail | undefined;
  readonly toggle: () => void;
}): JSX.Element {
  const id = useId();
  const { service, method, failedRatio } = row;
  return (
    <>
      <tr
        role="row"
        class="line"
        data-failing={flag(isInTrouble(row))}
        data-errors={flag((failedRatio ?? 0) > 0)}
        data-idle={flag(isIdle(row))}
      >
        <th role="rowheader" scope="row">
          <button
            type="button"
            class="name"
            aria-expanded={isOpen}
            aria-controls={id}
            data-key={keyOf(row)}
            onClick={toggle}
          >
            {/* A single child of the button, so that screen readers read the name as one word. */}
            <span>
              <span class="service">
                <BreakableName name={`${service}.`} />
              </span>
              <wbr />
              <span class="method">
                <BreakableName name={method} />
              </span>
            </span>
          </button>
        </th>
        <FigureCells row={row} figures={figures} times={times} />
      </tr>
      <tr role="row" class="detail" id={id} hidden={!isOpen}>
        <td role="cell" colSpan={figures.length + 1}>
          {isOpen && detail !== undefined && <MethodView detail={detail} />}
        </td>
      </tr>
    </>
  );
}

/** The value of an attribute that is present or absent. */
export function flag(isPresent: boolean): '' | undefined {
  return isPresent ? '' : undefined;
}
