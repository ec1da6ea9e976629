import type { Instance } from './instance';
import type { MethodRow, Totals } from './method-rows';
import { RateHistory } from './rate-history';
import { MethodCalls } from './method-calls';
import type { Key } from './terminal';
import { columnsFor, ORDERS, type TopColumn } from './top-columns';
import { TopFigures } from './top-figures';
import { BY_NAME, nameOf, sortRows, type TopOrder } from './top-order';

/** Number of rows that page up and page down move by. */
const PAGE = 10;

/** What is shown of the figures. */
interface Shown {
  readonly filter: string;
  readonly order: TopOrder;
  readonly reversed: boolean;
  readonly rows: readonly MethodRow[];
  readonly totals: Totals;
}

/** What `top` shows: the figures of the last refresh, and what the user has chosen to see of them. */
export class TopView {
  reversed = false;
  paused = false;
  help = false;
  /** Only methods whose name contains this text, in any case. */
  filter = '';
  /** Whether keys are part of the filter. */
  typing = false;
  /** Whether the selected method is shown by itself. */
  opened = false;
  readonly history = new RateHistory();
  readonly figures: TopFigures;
  /** The calls in progress of the method that is open. */
  readonly calls = new MethodCalls();
  /** The columns that have something to show. */
  columns: readonly TopColumn[] = [];
  private shown: Shown | null = null;
  /** Name of the selected method. It stays selected when the order changes. */
  private selected: string | null = null;
  /** Position of the selected method, for the case that it vanishes. */
  private cursor = 0;

  constructor(
    readonly instances: readonly Instance[],
    public order: TopOrder,
    /** Time of the last refresh. */
    public time = new Date(),
  ) {
    this.figures = new TopFigures(instances);
    this.refresh(time);
  }

  /**
   * Takes over what the instances have read.
   *
   * @param at time of the scrapes on the monotonic clock, in seconds
   */
  refresh(time: Date, at = performance.now() / 1000): void {
    this.time = time;
    const { figures } = this;
    figures.refresh(at);
    this.columns = columnsFor(figures.rows);
    this.history.add(figures.rows);
    this.shown = null;
  }

  /** The methods that the filter selects, in order. */
  rows(): readonly MethodRow[] {
    return this.show().rows;
  }

  /** The method that is shown by itself, if there is one. */
  openedRow(): MethodRow | undefined {
    const rows = this.rows();
    return this.opened ? rows[this.position(rows)] : undefined;
  }

  /** What the methods that the filter selects do together. */
  totals(): Totals {
    return this.show().totals;
  }

  /** Computes what is shown, unless it is the same as before: most keys only move the selection. */
  private show(): Shown {
    const { figures, filter, order, reversed, shown } = this;
    if (shown?.filter === filter && shown.order === order && shown.reversed === reversed) {
      return shown;
    }
    const found = figures.rows.filter(this.matches());
    const rows = sortRows(found, order, reversed);
    const totals = shown?.filter === filter ? shown.totals : figures.totalsOf(found);
    return (this.shown = { filter, order, reversed, rows, totals });
  }

  /** Position of the selected row, or -1 if there are no rows. */
  position(rows: readonly MethodRow[]): number {
    const found = rows.findIndex((row) => nameOf(row) === this.selected);
    return found === -1 ? Math.min(this.cursor, rows.length - 1) : found;
  }

  /** Applies a key. Other keys have no effect. */
  press({ name, sequence, ctrl }: Key): void {
    if (this.typing) {
      this.type(name, sequence);
      return;
    }
    const order = ORDERS.find(({ key }) => key === sequence);
    if (order !== undefined && ctrl !== true) {
      this.sortBy(order);
      return;
    }
    switch (name ?? sequence) {
      case 'right':
      case 's':
        return this.sortBy(this.neighbor(1));
      case 'left':
        return this.sortBy(this.neighbor(-1));
      case 'i':
        this.reversed = !this.reversed;
        return;
      case 'p':
        this.paused = !this.paused;
        return;
      case 'up':
        return this.move(-1);
      case 'down':
        return this.move(1);
      case 'pageup':
        return this.move(-PAGE);
      case 'pagedown':
        return this.move(PAGE);
      case 'return':
        this.open();
        return;
      case 'escape':
        this.leave();
        return;
      default:
        if (sequence === '?') this.help = !this.help;
        if (sequence === '/') this.startFilter();
    }
  }

  /** Whether the filter selects a method. */
  private matches(): (row: MethodRow) => boolean {
    const wanted = this.filter.toLowerCase();
    return (row) => wanted === '' || nameOf(row).toLowerCase().includes(wanted);
  }

  private type(name: string | undefined, sequence: string | undefined): void {
    if (name === 'return') this.typing = false;
    else if (name === 'escape') {
      this.typing = false;
      this.filter = '';
    } else if (name === 'backspace') this.filter = this.filter.slice(0, -1);
    else if (sequence !== undefined && /^[\x20-\x7e]$/.test(sequence)) this.filter += sequence;
  }

  private startFilter(): void {
    this.opened = false;
    this.help = false;
    this.typing = true;
  }

  private open(): void {
    const rows = this.rows();
    const row = rows[this.position(rows)];
    this.select(row, rows);
    this.opened = row !== undefined;
  }

  /** Goes back from a method, then from the filter. */
  private leave(): void {
    if (this.opened || this.help) {
      this.opened = false;
      this.help = false;
    } else this.filter = '';
  }

  private move(rows: number): void {
    const all = this.rows();
    const at = this.position(all) + rows;
    this.select(all[Math.max(0, Math.min(at, all.length - 1))], all);
  }

  private select(row: MethodRow | undefined, rows: readonly MethodRow[]): void {
    if (row === undefined) return;
    this.selected = nameOf(row);
    this.cursor = rows.indexOf(row);
  }

  private sortBy(order: TopOrder): void {
    this.order = order;
    this.reversed = false;
    this.selected = null;
    this.cursor = 0;
  }

  private neighbor(step: number): TopOrder {
    const orders = [BY_NAME, ...this.columns.map(({ order }) => order)];
    const at = orders.indexOf(this.order);
    const next =
      at === -1 && step < 0 ? orders.length - 1 : (at + step + orders.length) % orders.length;
    return orders[next] as TopOrder;
  }
}

export function isQuit({ name, ctrl }: Key, view: Pick<TopView, 'typing'>): boolean {
  return (name === 'q' && ctrl !== true && !view.typing) || (name === 'c' && ctrl === true);
}
