import type { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import {
  type Aggregator,
  type CellOf,
  type CellType,
  type Located,
  type FamilyView,
  Series,
} from '../../metrics/family';
import { labelIdentityOfText } from '../../metrics/labels';
import { mergeHistograms } from '../../metrics/merge';
import type { MetricValues } from '../../metrics/registry-metric';
import type { SummaryCell } from '../../metrics/summary-cell';
import type { FaultSink } from '../../recording/call-labels';
import type { Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import type { TimeBudget } from '../time-budget';
import { decodeCell } from './cell-code';
import { type EncodedFamily, parseFamilies } from './family-code';

/** Families of this package, summed over processes and threads. */
export class FamilySum {
  private readonly byName = new Map<string, SummedFamily>();
  private readonly refused = new Set<string>();

  constructor(
    private readonly faults: FaultSink,
    private readonly isWanted: (metric: { name: string; type: string }) => boolean,
  ) {}

  get families(): readonly FamilyView[] {
    return [...this.byName.values()];
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  add(family: EncodedFamily): void {
    const { name, type } = family;
    let sum = this.byName.get(name);
    if (sum === undefined) {
      if (!this.isWanted(family)) return;
      this.byName.set(name, (sum = new SummedFamily(family)));
    }
    if (sum.type === type) sum.add(family);
    else this.refuse(name, `is a ${sum.type} in one process and a ${type} in another`);
  }

  /** Adds families as they were sent. What cannot be read is left out and reported. */
  addBody(body: string): void {
    try {
      for (const family of parseFamilies(body)) this.add(family);
    } catch (error) {
      this.faults.report('worker', error);
    }
  }

  /** Keeps only count and sum of summaries, for workers that are gone. */
  forgetWindows(): void {
    for (const family of this.byName.values()) {
      if (family.type !== 'summary') continue;
      for (const { cell } of family.series()) (cell as SummaryCell).forgetWindow();
    }
  }

  /** Reports that a metric is left out, once in each sum. */
  refuse(name: string, why: string): void {
    if (this.refused.has(name)) return;
    this.refused.add(name);
    this.faults.report(
      `sum:${name}`,
      new ThriftMetricsError(
        'TM_ERR_TYPE_CONFLICT',
        `Metric '${name}' ${why}. The sum over all processes leaves the latter out.`,
      ),
    );
  }
}

type Cell = CellOf[CellType];

const WORKERS: Located = { location: 'workers' };

/** The sum of one family over processes and threads. */
export class SummedFamily implements FamilyView {
  readonly registeredName: string;
  readonly type: CellType;
  readonly help: string;
  readonly aggregator: Aggregator;
  private readonly byIdentity = new Map<string, Series>();
  /** The same series by text, because nearly all processes write the labels of a series in the same order. */
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

  /** @throws {TypeError} at a series whose form does not fit its type. The series before it are added. */
  add({ points, series }: EncodedFamily): void {
    const ownPoints = this.sharedPoints(points);
    for (const [text, code] of series) {
      const cell = decodeCell(this.type, code, ownPoints);
      const known = this.byText.get(text) ?? this.findOrInsert(text, cell);
      if (known.cell !== cell) this.merge(known.cell, cell);
    }
  }

  private merge(into: Cell, other: Cell): void {
    switch (this.type) {
      case 'histogram':
        return mergeHistograms(into as HistogramCell, other as HistogramCell, (bounds) =>
          this.sharedPoints(bounds),
        );
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
      this.byIdentity.set(identity, (series = new Series(text, cell, WORKERS)));
    }
    this.byText.set(text, series);
    return series;
  }

  /** One array for all parts with the same points, because writers keep the text of each array. */
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

function mergeGauges(aggregator: Aggregator, into: GaugeCell, { value }: GaugeCell): void {
  into.value = aggregator === 'max' ? Math.max(into.value, value) : into.value + value;
}

/**
 * Combines metrics of the same name through the client library, by sum or as their `aggregator` says. A metric that it
 * cannot combine is left out and reported.
 */
export async function aggregate(
  runtime: Runtime,
  metrics: Iterable<MetricValues>,
  budget: TimeBudget,
): Promise<MetricValues[]> {
  const byName = new Map<string, MetricValues[]>();
  for (const metric of metrics) {
    const parts = byName.get(metric.name);
    if (parts === undefined) byName.set(metric.name, [metric]);
    else parts.push(metric);
  }
  const whole: MetricValues[] = [];
  for (const [name, parts] of byName) {
    whole.push(...aggregateOne(runtime, name, parts));
    // oxlint-disable-next-line no-await-in-loop -- yielding is meant to hold the loop
    if (budget.isSpent()) await budget.yield();
  }
  return whole;
}

/** Returns nothing if the aggregator of the metric is `omit`. */
function aggregateOne(
  runtime: Runtime,
  name: string,
  parts: readonly MetricValues[],
): MetricValues[] {
  try {
    const { AggregatorRegistry } = runtime.registry.library();
    const registry = AggregatorRegistry.aggregate(parts.map((part) => [part]));
    return (registry.getMetricsAsArray() as { get(): MetricValues }[]).map((metric) =>
      metric.get(),
    );
  } catch (error) {
    runtime.faults.report(`sum:${name}`, error);
    return [];
  }
}
