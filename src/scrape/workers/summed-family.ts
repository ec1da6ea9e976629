import type { CounterCell, GaugeCell } from '../../metrics/cell';
import {
  type Aggregator,
  type CellOf,
  type CellType,
  type FamilyView,
  type Located,
  type Series,
  StoredSeries,
} from '../../metrics/family';
import type { HistogramCell } from '../../metrics/histogram-cell';
import { HistogramStore } from '../../metrics/histogram-store';
import { labelIdentityOfText } from '../../metrics/labels';
import { mergeHistograms } from '../../metrics/merge';
import { SharedLists } from '../../metrics/shared-lists';
import type { SummaryCell } from '../../metrics/summary-cell';
import { decodeCell } from './encoded-cell';
import type { EncodedFamily } from './encoded-family';

type Cell = CellOf[CellType];

/** Stands for the declaration of a series, which reports do not have. */
const WORKERS: Located = { location: 'workers' };

/** The sum of one family over processes and threads. */
export class SummedFamily implements FamilyView {
  readonly registeredName: string;
  readonly type: CellType;
  readonly help: string;
  readonly aggregator: Aggregator;
  private readonly byIdentity = new Map<string, Series>();
  /** The same series by their text, which is faster, because nearly all processes write labels in the same order. */
  private readonly byText = new Map<string, Series>();
  /** One array for equal points, because writers cache the text of each array. */
  private readonly points = new SharedLists();
  private readonly histograms = new HistogramStore(this.points);

  constructor({ name, type, help, aggregator }: EncodedFamily) {
    this.registeredName = name;
    this.type = type;
    this.help = help;
    this.aggregator = aggregator;
  }

  get size(): number {
    return this.byIdentity.size;
  }

  shown(): Iterable<Series> {
    return this.byIdentity.values();
  }

  /** @throws {TypeError} at a series that cannot be decoded. The series before it are added. */
  add({ points, series }: EncodedFamily): void {
    const ownPoints = this.points.of(points);
    for (const [text, encoded] of series) {
      const cell = decodeCell(this.type, encoded, ownPoints, this.histograms);
      const known = this.byText.get(text) ?? this.findOrInsert(text, cell);
      if (known.cell !== cell) this.merge(known.cell, cell);
    }
  }

  private merge(into: Cell, other: Cell): void {
    switch (this.type) {
      case 'histogram':
        return mergeHistograms(into as HistogramCell, other as HistogramCell, this.histograms);
      case 'summary':
        return (into as SummaryCell).merge(other as SummaryCell);
      case 'counter':
        return (into as CounterCell).merge(other as CounterCell);
      default:
        return mergeGauges(this.aggregator, into as GaugeCell, other as GaugeCell);
    }
  }

  private findOrInsert(text: string, cell: Cell): Series {
    const identity = labelIdentityOfText(text);
    let series = this.byIdentity.get(identity);
    if (series === undefined) {
      this.byIdentity.set(identity, (series = new StoredSeries(text, cell, WORKERS)));
    }
    this.byText.set(text, series);
    return series;
  }
}

function mergeGauges(aggregator: Aggregator, into: GaugeCell, { value }: GaugeCell): void {
  into.value = aggregator === 'max' ? Math.max(into.value, value) : into.value + value;
}
