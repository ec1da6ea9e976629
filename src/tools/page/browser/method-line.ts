import { element, setAttribute, setText } from './dom.js';
import { formatCount, formatPercentile, formatRate, formatPercentage } from './format.js';
import { MethodView } from './method-view.js';
import type { MethodDetail, MethodRow } from './protocol.js';
import { painOf } from './sort.js';
import { Sparkline } from './sparkline.js';

/** The columns after the name of the method. */
export const FIGURES = [
  'rate',
  'failedRatio',
  'badRatio',
  'p50',
  'p95',
  'p99',
  'inFlight',
] as const;

export type FigureColumn = (typeof FIGURES)[number];

export const HEADINGS: Readonly<Record<FigureColumn, string>> = {
  rate: 'Calls',
  failedRatio: 'Failed',
  badRatio: 'Bad',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  inFlight: 'In flight',
};

/**
 * The row of one method, and the row below it that opens. The elements have explicit roles, so that screen readers still
 * find a table where the style sheet shows rows as cards.
 */
export class MethodLine {
  readonly row: HTMLTableRowElement;
  readonly detailRow: HTMLTableRowElement;
  readonly toggle: HTMLButtonElement;
  private readonly texts: Readonly<Record<FigureColumn, HTMLElement>>;
  private readonly rates = new Sparkline('plain');
  private readonly failures = new Sparkline('bad');
  private readonly latencies = new Sparkline('plain');
  private readonly cell = element('td', { role: 'cell', colspan: String(FIGURES.length + 1) });
  private view: MethodView | null = null;

  /**
   * @param id unique `id` attribute for the row that opens
   * @param toggled called when the user opens or closes it
   */
  constructor(
    readonly service: string,
    readonly method: string,
    id: string,
    toggled: () => void,
  ) {
    this.toggle = element(
      'button',
      { type: 'button', class: 'name', 'aria-expanded': 'false', 'aria-controls': id },
      // A single child of the button, so that screen readers read the name as one word.
      element(
        'span',
        {},
        element('span', { class: 'service' }, `${service}.`),
        element('span', { class: 'method' }, method),
      ),
    );
    this.toggle.addEventListener('click', () => {
      this.setOpen(this.view === null);
      toggled();
    });
    this.texts = Object.fromEntries(
      FIGURES.map((column) => [column, element('span', { class: 'figure' })]),
    ) as Record<FigureColumn, HTMLElement>;
    const lineOf = { rate: this.rates, failedRatio: this.failures, p99: this.latencies };
    this.row = element(
      'tr',
      { role: 'row', class: 'line' },
      element('th', { role: 'rowheader', scope: 'row' }, this.toggle),
      ...FIGURES.map((column) =>
        element(
          'td',
          { role: 'cell', 'data-column': column, 'data-heading': HEADINGS[column] },
          ...(column in lineOf ? [lineOf[column as keyof typeof lineOf].node] : []),
          this.texts[column],
        ),
      ),
    );
    this.detailRow = element('tr', { role: 'row', class: 'detail', id, hidden: true }, this.cell);
  }

  get isOpen(): boolean {
    return this.view !== null;
  }

  setOpen(isOpen: boolean): void {
    this.view?.close();
    this.view = isOpen ? new MethodView() : null;
    this.cell.replaceChildren(...(this.view === null ? [] : [this.view.node]));
    setAttribute(this.detailRow, 'hidden', !isOpen);
    setAttribute(this.toggle, 'aria-expanded', String(isOpen));
  }

  show(figures: MethodRow): void {
    const { rate, failedRatio, badRatio, p50, p95, p99, highestBound, inFlight } = figures;
    const isFailing = (painOf(figures) ?? 0) > 0;
    setText(this.texts.rate, formatRate(rate));
    // Marks failing methods with a symbol too, not by color alone.
    const mark = isFailing ? '▲ ' : '';
    const [failedMark, badMark] = badRatio === null ? [mark, ''] : ['', mark];
    setText(this.texts.failedRatio, failedMark + formatPercentage(failedRatio));
    setText(this.texts.badRatio, badMark + formatPercentage(badRatio));
    setText(this.texts.p50, formatPercentile(p50, highestBound));
    setText(this.texts.p95, formatPercentile(p95, highestBound));
    setText(this.texts.p99, formatPercentile(p99, highestBound));
    setText(this.texts.inFlight, formatCount(inFlight));
    setAttribute(this.row, 'data-failing', isFailing);
    setAttribute(this.row, 'data-errors', (failedRatio ?? 0) > 0);
    setAttribute(this.row, 'data-idle', rate === 0 && inFlight === 0);
    this.rates.show(figures.rates);
    this.failures.show(figures.failedRatios, 0.01);
    this.latencies.show(figures.p99s);
  }

  showDetail(detail: MethodDetail): void {
    this.view?.show(detail);
  }

  repaint(): void {
    this.view?.repaint();
  }
}
