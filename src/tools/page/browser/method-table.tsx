import { Fragment, type JSX, type RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

import { fittingFigures, HEADINGS, type FigureColumn } from './columns.js';
import { GroupLine, groupByService } from './group-line.js';
import { HeldOrder, type Arranged } from './held-order.js';
import { isShown } from './method-filter.js';
import { keyOf } from './method-key.js';
import { MethodLine } from './method-line.js';
import { MethodTools } from './method-tools.js';
import type { MethodDetail, MethodRow, Time } from './protocol.js';
import { nextSort, type Sort } from './sort.js';
import type { View } from './view.js';

/** Milliseconds for which a touch keeps the order. */
const TOUCH = 15_000;

/** The table of all methods, with its filters and its order. */
export function MethodTable({
  rows,
  times,
  choice,
  details,
  view,
  filterInput,
  change,
  reorder,
}: {
  readonly rows: readonly MethodRow[];
  readonly times: readonly Time[];
  /** Changes when the rows need a new order at once. */
  readonly choice: string;
  readonly details: readonly MethodDetail[];
  readonly view: View;
  readonly filterInput: RefObject<HTMLInputElement>;
  readonly change: (changes: Partial<View>) => void;
  readonly reorder: () => void;
}): JSX.Element {
  const { sort, open, isGrouped, closedGroups } = view;
  const body = useRef<HTMLTableSectionElement>(null);
  const section = useRef<HTMLElement>(null);
  const figures = useFittingFigures(section);
  const { arranged, touched } = useOrder(rows, sort, choice, body);
  const shown = arranged.rows.filter((row) => isShown(row, view));
  const detailOf = new Map(details.map((detail) => [keyOf(detail), detail]));
  const lineOf = (row: MethodRow): JSX.Element => {
    const key = keyOf(row);
    return (
      <MethodLine
        key={key}
        row={row}
        figures={figures}
        times={times}
        isOpen={open.includes(key)}
        detail={detailOf.get(key)}
        toggle={() => change({ open: toggled(open, key) })}
      />
    );
  };
  return (
    <section class="methods" aria-label="Methods" ref={section}>
      <MethodTools
        view={view}
        shown={shown.length}
        all={rows.length}
        filterInput={filterInput}
        change={change}
      />
      <table role="table" aria-label="Methods" class="method-table">
        <thead role="rowgroup">
          <tr role="row">
            {(['method', ...figures] as const).map((column) => (
              <th
                key={column}
                role="columnheader"
                scope="col"
                data-column={column}
                aria-sort={column === sort.key ? sort.direction : 'none'}
              >
                <button type="button" onClick={() => change({ sort: nextSort(sort, column) })}>
                  {HEADINGS[column]}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={body} onKeyDown={moveFocus} onPointerDown={touched}>
          {isGrouped
            ? [...groupByService(shown)].map(([service, group]) => (
                <Fragment key={service}>
                  <GroupLine
                    service={service}
                    rows={group}
                    figures={figures}
                    times={times}
                    isOpen={!closedGroups.includes(service)}
                    toggle={() => change({ closedGroups: toggled(closedGroups, service) })}
                  />
                  {!closedGroups.includes(service) && group.map(lineOf)}
                </Fragment>
              ))
            : shown.map(lineOf)}
        </tbody>
      </table>
      {shown.length === 0 && (
        <p class="empty">
          {rows.length === 0
            ? 'No methods are declared in this process yet.'
            : 'No method matches the filter.'}
        </p>
      )}
      {arranged.moved > 0 && (
        <button type="button" class="reorder" title="Shortcut: R" onClick={reorder}>
          {`↕ Reorder: ${arranged.moved} moved`}
        </button>
      )}
    </section>
  );
}

/** The columns that fit. They are not in the document otherwise, so that an open method spans exactly those of its table. */
function useFittingFigures(section: RefObject<HTMLElement>): readonly FigureColumn[] {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const node = section.current;
    if (node === null) return undefined;
    const measure = (): void => setWidth(node.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return fittingFigures(width);
}

/** The rows in an order that holds still while the user reads or points. */
function useOrder(
  rows: readonly MethodRow[],
  sort: Sort,
  choice: string,
  body: RefObject<HTMLElement>,
): { arranged: Arranged; touched: () => void } {
  const order = useRef(new HeldOrder());
  const touchedAt = useRef(-Infinity);
  const now = performance.now();
  const isInUse =
    now - touchedAt.current < TOUCH ||
    scrollY > 0 ||
    body.current?.matches(':hover, :focus-within') === true;
  return {
    arranged: order.current.arrange(rows, sort, choice, now, isInUse),
    touched: () => {
      touchedAt.current = performance.now();
    },
  };
}

/** Adds what is missing to a list, or removes what is in it. */
function toggled(list: readonly string[], text: string): string[] {
  return list.includes(text) ? list.filter((each) => each !== text) : [...list, text];
}

/** Moves the focus between rows with the arrow keys. */
function moveFocus(event: JSX.TargetedKeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const toggles = [...event.currentTarget.querySelectorAll<HTMLElement>('.name')];
  const at = toggles.indexOf(event.target as HTMLElement);
  if (step === undefined || at === -1) return;
  event.preventDefault();
  toggles[at + step]?.focus();
}
