import type { JSX, RefObject } from 'preact';
import { useRef } from 'preact/hooks';

import { COLUMNS, HEADINGS } from './columns.js';
import { MethodLine } from './method-line.js';
import { keyOf } from './method-key.js';
import type { MethodDetail, MethodRow } from './protocol.js';
import {
  ATTENTION,
  matches,
  nextSort,
  SORT_LABELS,
  sortRows,
  type Sort,
  type SortKey,
} from './sort.js';

/** The table of all methods, with its filter and sort order. */
export function MethodTable({
  rows,
  details,
  sort,
  filter,
  open,
  filterInput,
  setSort,
  setFilter,
  toggle,
}: {
  readonly rows: readonly MethodRow[];
  readonly details: readonly MethodDetail[];
  readonly sort: Sort;
  readonly filter: string;
  /** The keys of the open methods. */
  readonly open: readonly string[];
  readonly filterInput: RefObject<HTMLInputElement>;
  readonly setSort: (sort: Sort) => void;
  readonly setFilter: (filter: string) => void;
  readonly toggle: (key: string) => void;
}): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  const order = useOrder(rows, sort, body);
  const shown = order.filter((row) => matches(row, filter));
  const detailOf = new Map(details.map((detail) => [keyOf(detail), detail]));
  return (
    <section aria-label="Methods">
      <div class="tools">
        <input
          type="search"
          id="filter"
          placeholder="Filter methods ( / )"
          aria-label="Filter methods"
          autocomplete="off"
          spellcheck={false}
          ref={filterInput}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <label class="order">
          {'Sort by: '}
          <select
            id="order"
            value={sort.key}
            onChange={(event) => {
              const key = event.currentTarget.value as SortKey;
              setSort(key === 'attention' ? ATTENTION : nextSort(ATTENTION, key));
            }}
          >
            {Object.entries(SORT_LABELS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <span class="count" aria-live="polite">
          {`${shown.length} of ${rows.length} methods`}
        </span>
      </div>
      <table role="table" aria-label="Methods">
        <thead role="rowgroup">
          <tr role="row">
            {COLUMNS.map((column) => (
              <th
                key={column}
                role="columnheader"
                scope="col"
                data-column={column}
                aria-sort={column === sort.key ? sort.direction : 'none'}
              >
                <button type="button" onClick={() => setSort(nextSort(sort, column))}>
                  {HEADINGS[column]}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={body} onKeyDown={moveFocus}>
          {shown.map((row) => {
            const key = keyOf(row);
            return (
              <MethodLine
                key={key}
                row={row}
                isOpen={open.includes(key)}
                detail={detailOf.get(key)}
                toggle={() => toggle(key)}
              />
            );
          })}
        </tbody>
      </table>
      {shown.length === 0 && (
        <p class="empty">
          {rows.length === 0
            ? 'No methods are declared in this process yet.'
            : 'No method matches the filter.'}
        </p>
      )}
    </section>
  );
}

/** The rows in order. They keep their position while the pointer or the focus is among them. */
function useOrder(
  rows: readonly MethodRow[],
  sort: Sort,
  body: RefObject<HTMLElement>,
): readonly MethodRow[] {
  const last = useRef<{ readonly keys: readonly string[]; readonly sort: Sort } | null>(null);
  const sorted = sortRows(rows, sort);
  const isHeld =
    last.current?.sort === sort && body.current?.matches(':hover, :focus-within') === true;
  const ordered = isHeld ? inOrder(sorted, last.current?.keys ?? []) : sorted;
  last.current = { keys: ordered.map(keyOf), sort };
  return ordered;
}

/** The rows in the order of their keys. Rows without one come last. */
function inOrder(rows: readonly MethodRow[], keys: readonly string[]): MethodRow[] {
  const place = new Map(keys.map((key, i) => [key, i]));
  const placeOf = (row: MethodRow): number => place.get(keyOf(row)) ?? keys.length;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Moves the focus between methods with the arrow keys. */
function moveFocus(event: JSX.TargetedKeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const toggles = [...event.currentTarget.querySelectorAll<HTMLElement>('.name')];
  const at = toggles.indexOf(event.target as HTMLElement);
  if (step === undefined || at === -1) return;
  event.preventDefault();
  toggles[at + step]?.focus();
}
