import type { CounterCell } from '../metrics/cell';
import { unixTimeOf } from '../metrics/clock';
import type { Exemplar } from '../metrics/exemplar';
import type { CellType, FamilyView, Series } from '../metrics/family';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { LabelNames } from '../metrics/label-names';
import { escapeLabelValue, labelText } from '../metrics/labels';
import type { SummaryCell } from '../metrics/summary-cell';
import { ByteWriter } from './byte-writer';
import { MergedLabels } from './merged-labels';
import { spellCanonical, spellNumber } from './number-spelling';
import { unitOf } from './unit';
import { readExemplar, type UserMetric } from './user-metric';
import type { MetricWriter } from './writer';

const NEWLINE = 0x0a;
// Module state: the bytes are only copied.
const SPACE = Buffer.from('} ');

/** The types of both formats. Prometheus refuses a whole scrape in which a metric has another one. */
const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary']);

/** Writes text 0.0.4 or OpenMetrics 1.0. The parts that lines have in common are built once and then copied. */
export class TextWriter implements MetricWriter {
  private readonly out: ByteWriter;
  private readonly labels: MergedLabels;
  private readonly boundTextsByBounds = new Map<readonly number[], Buffer[]>();
  private isFirst = true;
  // The name and the beginnings of lines of the current family.
  private name = '';
  private bucketHead: Buffer = SPACE;
  private sumHead: Buffer = SPACE;
  private countHead: Buffer = SPACE;
  private createdHead: Buffer = SPACE;

  constructor(
    expected: number,
    /** Default labels of the user's metrics. */
    private readonly defaultLabels: Readonly<Record<string, string>>,
    familyLabels: Readonly<Record<string, string>>,
    private readonly openMetrics: boolean,
    labelNames: LabelNames,
  ) {
    this.out = new ByteWriter(expected);
    this.labels = new MergedLabels(familyLabels, labelNames);
  }

  beginFamily({ registeredName, help, type }: FamilyView): void {
    this.name = this.beginMetric(registeredName, help, type);
    this.bucketHead = Buffer.from(`${this.name}_bucket{`);
    this.sumHead = Buffer.from(`${this.name}_sum{`);
    this.countHead = Buffer.from(`${this.name}_count{`);
    this.createdHead = Buffer.from(`${this.name}_created{`);
  }

  series(type: CellType, series: Series): void {
    switch (type) {
      case 'histogram':
        return this.histogram(series as Series<'histogram'>);
      case 'summary':
        return this.summary(series as Series<'summary'>);
      default:
        return this.plain(type, series as Series<'counter' | 'gauge'>);
    }
  }

  endFamily(): void {}

  *userMetric({ name, help, type, values }: UserMetric): Generator<void> {
    const family = this.beginMetric(name, help, type);
    const plainName = this.openMetrics && type === 'counter' ? `${family}_total` : name;
    for (const { labels, value, metricName, exemplar } of values) {
      const merged = { ...labels, ...this.defaultLabels, ...labels };
      const pairs = Object.entries(merged).map(
        ([label, labelValue]) => `${label}="${this.userLabelValue(type, label, labelValue)}"`,
      );
      this.out.text(metricName ?? plainName);
      this.out.text(pairs.length === 0 ? ' ' : `{${pairs.join(',')}} `);
      this.value(value);
      this.endLine(readExemplar(exemplar));
      yield;
    }
  }

  private userLabelValue(type: string, label: string, value: string | number): string {
    const isPoint =
      (type === 'histogram' && label === 'le') || (type === 'summary' && label === 'quantile');
    return isPoint && typeof value === 'number'
      ? this.spellPoint(value)
      : escapeLabelValue(String(value));
  }

  private spellPoint(value: number): string {
    return this.openMetrics ? spellCanonical(value) : String(value);
  }

  get length(): number {
    return this.out.length;
  }

  take(): Buffer {
    return this.out.take();
  }

  finish(): Buffer {
    if (this.openMetrics) this.out.ascii('# EOF\n');
    return this.take();
  }

  /** Writes HELP, TYPE and, in OpenMetrics, UNIT. Returns the name of the family, which lacks the `_total` of a counter in OpenMetrics. */
  private beginMetric(name: string, help: string, type: string): string {
    const family = this.openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
    // The client library separates metrics by an empty line. OpenMetrics forbids it.
    if (!this.isFirst && !this.openMetrics) this.out.byte(NEWLINE);
    this.isFirst = false;
    const known = TYPES.has(type) ? type : this.openMetrics ? 'unknown' : 'untyped';
    this.out.text(`# HELP ${family} ${this.escapeHelp(help)}\n# TYPE ${family} ${known}\n`);
    const unit = this.openMetrics ? unitOf(family) : null;
    if (unit !== null) this.out.text(`# UNIT ${family} ${unit}\n`);
    return family;
  }

  private escapeHelp(help: string): string {
    const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return this.openMetrics ? escaped.replaceAll('"', '\\"') : escaped;
  }

  private plain(type: 'counter' | 'gauge', series: Series<'counter' | 'gauge'>): void {
    const { out } = this;
    const isCounter = type === 'counter';
    const suffix = this.openMetrics && isCounter ? '_total' : '';
    const labels = this.labels.of(series);
    out.text(`${this.name}${suffix}${labels === '' ? '' : `{${labels}}`} `);
    this.value(series.cell.read());
    this.endLine(isCounter ? (series.cell as CounterCell).exemplar : null);
    if (isCounter) this.created(labels, (series.cell as CounterCell).startedAt);
  }

  /** Writes the start timestamp, which only OpenMetrics has. */
  private created(labels: string, startedAt: number): void {
    if (!this.openMetrics || Number.isNaN(startedAt)) return;
    this.out.text(`${this.name}_created${labels === '' ? '' : `{${labels}}`} `);
    this.value(unixTimeOf(startedAt));
    this.out.byte(NEWLINE);
  }

  private histogram(series: Series<'histogram'>): void {
    const { out } = this;
    const cell: HistogramCell = series.cell;
    const { exemplars } = cell;
    const bounds = this.boundTexts(cell.bounds);
    let start = 0;
    let labelsStart = 0;
    let labelsEnd = 0;
    let cumulative = 0;
    for (let i = 0; i < bounds.length; i++) {
      cumulative += cell.countAt(i);
      const lineStart = out.length;
      if (i === 0) {
        start = lineStart;
        out.bytes(this.bucketHead);
        labelsStart = out.length;
        out.text(this.labels.of(series));
        labelsEnd = out.length;
      } else out.repeat(start, labelsEnd);
      const bound = bounds[i] as Buffer;
      // The comma before the bound separates it from the labels.
      out.bytes(labelsStart === labelsEnd ? bound.subarray(1) : bound);
      out.number(cumulative);
      this.endLine(exemplars === null ? null : (exemplars[i] ?? null));
    }
    out.bytes(this.sumHead);
    out.repeat(labelsStart, labelsEnd);
    out.bytes(SPACE);
    this.value(cell.sum);
    out.byte(NEWLINE);
    out.bytes(this.countHead);
    out.repeat(labelsStart, labelsEnd);
    out.bytes(SPACE);
    out.number(cumulative);
    out.byte(NEWLINE);
    if (!this.openMetrics || Number.isNaN(cell.startedAt)) return;
    out.bytes(this.createdHead);
    out.repeat(labelsStart, labelsEnd);
    out.bytes(SPACE);
    this.value(unixTimeOf(cell.startedAt));
    out.byte(NEWLINE);
  }

  private summary(series: Series<'summary'>): void {
    const { out } = this;
    const cell: SummaryCell = series.cell;
    const labels = this.labels.of(series);
    const head = `${this.name}{${labels}${labels === '' ? '' : ','}`;
    cell.values().forEach((value, i) => {
      out.text(`${head}quantile="${this.spellPoint(cell.quantiles[i] as number)}"} `);
      this.value(value);
      out.byte(NEWLINE);
    });
    out.text(`${this.name}_sum{${labels}} `);
    this.value(cell.sum);
    out.text(`\n${this.name}_count{${labels}} `);
    this.value(cell.count);
    out.byte(NEWLINE);
    this.created(labels, cell.startedAt);
  }

  /** Returns `,le="0.5"} ` for each bound. Series with the same buckets share one array of bounds, which is the key. */
  private boundTexts(bounds: readonly number[]): Buffer[] {
    let texts = this.boundTextsByBounds.get(bounds);
    if (texts === undefined) {
      const spell = this.openMetrics ? spellCanonical : spellNumber;
      texts = [...bounds, Infinity].map((bound) => Buffer.from(`,le="${spell(bound)}"} `));
      this.boundTextsByBounds.set(bounds, texts);
    }
    return texts;
  }

  private value(value: number): void {
    this.out.number(value, this.openMetrics ? 'NaN' : 'Nan');
  }

  private endLine(exemplar: Exemplar | null): void {
    if (exemplar !== null && this.openMetrics) {
      this.out.text(` # {${labelText(exemplar.labels)}} `);
      this.value(exemplar.value);
      this.out.ascii(` ${exemplar.timestamp}`);
    }
    this.out.byte(NEWLINE);
  }
}
