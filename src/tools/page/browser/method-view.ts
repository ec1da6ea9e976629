import { createBudgetTable } from './budget-table.js';
import { element, setText } from './dom.js';
import { createErrorTable } from './error-table.js';
import { formatPercentile, formatRate } from './format.js';
import { Heatmap } from './heatmap.js';
import { LineChart } from './line-chart.js';
import type { MethodDetail } from './protocol.js';

/** The charts and tables of one method. */
export class MethodView {
  private readonly rates = new LineChart('Calls by outcome', formatRate, [
    { label: 'ok', color: 'ok', dash: [] },
    { label: 'declared exception', color: 'declared', dash: [8, 4] },
    { label: 'undeclared error', color: 'bad', dash: [2, 3] },
  ]);
  private highestBound: number | null = null;
  private readonly latencies = new LineChart(
    'Latency percentiles',
    (value) => formatPercentile(value, this.highestBound),
    [
      { label: 'p50', color: 'calm', dash: [2, 3] },
      { label: 'p95', color: 'accent', dash: [8, 4] },
      { label: 'p99', color: 'text', dash: [] },
    ],
  );
  private readonly heatmap = new Heatmap('Latency heatmap');
  private readonly latencyNote = element('p', { class: 'note' });
  private readonly tables = element('div', { class: 'tables' });
  private readonly about = element('p', { class: 'note' });
  readonly node = element(
    'div',
    { class: 'view' },
    element('div', { class: 'charts' }, this.rates.node, this.latencies.node, this.heatmap.node),
    this.latencyNote,
    this.tables,
    this.about,
  );

  show(detail: MethodDetail): void {
    const { times, ok, declared, undeclared, p50, p95, p99, latency, bounds, heat } = detail;
    this.highestBound = bounds.at(-1) ?? null;
    this.rates.show(times, [ok, declared, undeclared]);
    const hasHistogram = latency === 'histogram';
    this.latencies.node.hidden = !hasHistogram;
    this.heatmap.node.hidden = !hasHistogram;
    if (hasHistogram) {
      this.latencies.show(times, [p50, p95, p99]);
      this.heatmap.show(times, bounds, heat);
    }
    setText(this.latencyNote, LATENCY_NOTES[latency]);
    // Replaces the tables each time: they are short and have nothing that keeps the focus.
    this.tables.replaceChildren(createErrorTable(detail), createBudgetTable(detail));
    const names = detail.metrics.map(({ name, type }) => `${name} (${type})`).join(', ');
    setText(this.about, `Declared by ${detail.declaredBy || 'a handler'}: ${names}`);
  }

  /** Draws the charts again, with the current colors. */
  repaint(): void {
    this.rates.repaint();
    this.latencies.repaint();
    this.heatmap.repaint();
  }

  close(): void {
    this.rates.close();
    this.latencies.close();
    this.heatmap.close();
  }
}

const LATENCY_NOTES = {
  histogram: '',
  summary:
    'This method has a summary. Its percentiles cover the last ten minutes, regardless of the selected window, and cannot be drawn over time.',
  none: 'This method has no latency metric.',
} as const;
