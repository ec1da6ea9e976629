import { button, element, setAttribute, setText } from './dom.js';
import { FIGURES, HEADINGS, MethodLine } from './method-line.js';
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

const COLUMNS = ['method', ...FIGURES] as const;

/** The table of all methods, with its filter and sort order. */
export class MethodTable {
  private readonly lines = new Map<string, MethodLine>();
  /** Number of lines created so far, for unique ids. */
  private created = 0;
  private rows: readonly MethodRow[] = [];
  private sort: Sort = ATTENTION;
  private readonly filter = element('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Filter methods ( / )',
    'aria-label': 'Filter methods',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  private readonly order = element(
    'select',
    { id: 'order' },
    ...Object.entries(SORT_LABELS).map(([value, label]) => element('option', { value }, label)),
  );
  private readonly count = element('span', { class: 'count', 'aria-live': 'polite' });
  private readonly headings = COLUMNS.map((column) =>
    element(
      'th',
      { role: 'columnheader', scope: 'col', 'data-column': column },
      button(column === 'method' ? 'Method' : HEADINGS[column], {}, () =>
        this.setSort(nextSort(this.sort, column)),
      ),
    ),
  );
  private readonly body = element('tbody', { role: 'rowgroup' });
  private readonly empty = element('p', { class: 'empty', hidden: true });
  readonly node: HTMLElement;

  /** @param opened called when the user opens or closes a method */
  constructor(private readonly opened: () => void) {
    this.filter.addEventListener('input', () => this.arrange());
    this.order.addEventListener('change', () => {
      const key = this.order.value as SortKey;
      this.setSort(key === 'attention' ? ATTENTION : nextSort(ATTENTION, key));
    });
    this.body.addEventListener('keydown', (event) => this.moveFocus(event));
    this.node = element(
      'section',
      { 'aria-label': 'Methods' },
      element(
        'div',
        { class: 'tools' },
        this.filter,
        element('label', { class: 'order' }, 'Sort by: ', this.order),
        this.count,
      ),
      element(
        'table',
        { role: 'table', 'aria-label': 'Methods' },
        element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...this.headings)),
        this.body,
      ),
      this.empty,
    );
    this.showSort();
  }

  get open(): { service: string; method: string }[] {
    return [...this.lines.values()]
      .filter(({ isOpen }) => isOpen)
      .map(({ service, method }) => ({ service, method }));
  }

  show(rows: readonly MethodRow[], details: readonly MethodDetail[]): void {
    this.rows = rows;
    const gone = new Set(this.lines.keys());
    for (const row of rows) {
      gone.delete(keyOf(row));
      this.lineOf(row).show(row);
    }
    for (const key of gone) {
      const line = this.lines.get(key);
      line?.setOpen(false);
      line?.row.remove();
      line?.detailRow.remove();
      this.lines.delete(key);
    }
    for (const detail of details) this.lines.get(keyOf(detail))?.showDetail(detail);
    // Rows keep their position while the pointer or the focus is among them.
    if (this.body.matches(':hover, :focus-within')) this.arrange(this.shownKeys());
    else this.arrange();
  }

  focusFilter(): void {
    this.filter.focus();
    this.filter.select();
  }

  clearFilter(): void {
    this.filter.value = '';
    this.arrange();
  }

  closeAll(): void {
    for (const line of this.lines.values()) if (line.isOpen) line.setOpen(false);
  }

  repaint(): void {
    for (const line of this.lines.values()) line.repaint();
  }

  private setSort(sort: Sort): void {
    this.sort = sort;
    this.showSort();
    this.arrange();
  }

  private showSort(): void {
    this.order.value = this.sort.key;
    this.headings.forEach((heading, i) => {
      const isSorted = COLUMNS[i] === this.sort.key;
      setAttribute(heading, 'aria-sort', isSorted ? this.sort.direction : 'none');
    });
  }

  /** The keys of the rows, in the order in which they are shown. */
  private shownKeys(): string[] {
    const keys = new Map([...this.lines].map(([key, { row }]) => [row as Element, key]));
    return [...this.body.children].flatMap((child) => keys.get(child) ?? []);
  }

  /**
   * Shows the rows that match the filter, in order.
   *
   * @param pinned keys of rows that keep their order and come first
   */
  private arrange(pinned: readonly string[] = []): void {
    const wanted = sortRows(this.rows, this.sort).filter((row) => matches(row, this.filter.value));
    const keys = wanted.map(keyOf);
    const first = pinned.filter((key) => keys.includes(key));
    const ordered = [...first, ...keys.filter((key) => !first.includes(key))];
    const nodes = ordered.flatMap((key) => {
      const { row, detailRow } = this.lines.get(key) as MethodLine;
      return [row, detailRow];
    });
    const isSame =
      nodes.length === this.body.children.length &&
      nodes.every((node, i) => node === this.body.children[i]);
    if (!isSame) {
      const focused = document.activeElement;
      this.body.replaceChildren(...nodes);
      if (focused instanceof HTMLElement && this.body.contains(focused)) focused.focus();
    }
    setText(this.count, `${wanted.length} of ${this.rows.length} methods`);
    setAttribute(this.empty, 'hidden', wanted.length > 0);
    setText(
      this.empty,
      this.rows.length === 0
        ? 'No methods are declared in this process yet.'
        : 'No method matches the filter.',
    );
  }

  private lineOf(row: MethodRow): MethodLine {
    const key = keyOf(row);
    let line = this.lines.get(key);
    if (line === undefined) {
      this.lines.set(key, (line = this.createLine(row)));
    }
    return line;
  }

  private createLine({ service, method }: MethodRow): MethodLine {
    return new MethodLine(service, method, `method-${++this.created}`, this.opened);
  }

  /** Moves the focus between methods with the arrow keys. */
  private moveFocus(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const toggles = this.shownKeys().map((key) => (this.lines.get(key) as MethodLine).toggle);
    const at = toggles.indexOf(event.target as HTMLButtonElement);
    if (step === undefined || at === -1) return;
    event.preventDefault();
    toggles[at + step]?.focus();
  }
}

function keyOf({ service, method }: { service: string; method: string }): string {
  return JSON.stringify([service, method]);
}
