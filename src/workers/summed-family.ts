import type { CounterCell } from '../metrics/counter-cell';
import {
  Series,
  type Aggregator,
  type CellOf,
  type CellType,
  type Declarer,
  type FamilyView,
} from '../metrics/family';
import type { GaugeCell } from '../metrics/gauge-cell';
import type { HistogramCell } from '../metrics/histogram-cell';
import { identityOfText } from '../metrics/label-text';
import { mergeHistograms } from '../metrics/merge-histograms';
import type { SummaryCell } from '../metrics/summary-cell';
import { decodeCell } from './cell-code';
import type { EncodedFamily } from './encoded-family';

type Cell = CellOf[CellType];

const WORKERS: Declarer = { place: 'workers' };

/** The sum of one family over processes and threads. */
export class SummedFamily implements FamilyView {
  readonly registeredName: string;
  readonly type: CellType;
  readonly help: string;
  readonly aggregator: Aggregator;
  private readonly byIdentity = new Map<string, Series>();
  /** The same series: nearly always all parts have the labels of a series in the same order. */
  private readonly byText = new Map<string, Series>();
  private readonly points: (readonly number[])[] = [];

  constructor({ name, type, help, aggregator }: EncodedFamily) {
    this.registeredName = name;
    this.type = type;
    this.help = help;
    this.aggregator = aggregator;
  }

  get size(): number {
    return this.byIdentity.size;
  }

  series(): Iterable<Series> {
    return this.byIdentity.values();
  }

  /** @throws {TypeError} at a series that has not the form of its type; those before it are added. */
  add({ points, series }: EncodedFamily): void {
    const ownPoints = this.sharedPoints(points);
    for (const [text, code] of series) {
      const cell = decodeCell(this.type, code, ownPoints);
      const known = this.byText.get(text) ?? this.findOrInsert(text, cell);
      if (known.cell !== cell) mergeCells(this, known.cell, cell);
    }
  }

  private findOrInsert(text: string, cell: Cell): Series {
    const identity = identityOfText(text);
    let series = this.byIdentity.get(identity);
    if (series === undefined) {
      this.byIdentity.set(identity, (series = new Series(text, cell, WORKERS)));
    }
    this.byText.set(text, series);
    return series;
  }

  /** One array for all parts that have the same points: writers keep the text of each array. */
  private sharedPoints(points: readonly number[]): readonly number[] {
    const known = this.points.find(
      (others) =>
        others.length === points.length && others.every((other, i) => other === points[i]),
    );
    if (known !== undefined) return known;
    this.points.push(points);
    return points;
  }
}

function mergeCells({ type, aggregator }: SummedFamily, into: Cell, other: Cell): void {
  switch (type) {
    case 'histogram':
      return mergeHistograms(into as HistogramCell, other as HistogramCell);
    case 'summary':
      return (into as SummaryCell).merge(other as SummaryCell);
    case 'counter':
      return (into as CounterCell).merge(other as CounterCell);
    default:
      return mergeGauges(aggregator, into as GaugeCell, other as GaugeCell);
  }
}

function mergeGauges(aggregator: Aggregator, into: GaugeCell, { value }: GaugeCell): void {
  into.value = aggregator === 'max' ? Math.max(into.value, value) : into.value + value;
}
