import type { CounterCell, GaugeCell } from '../metrics/cell';
import { unixTimeOf } from '../metrics/clock';
import type { Exemplar } from '../metrics/exemplar';
import type { Family, Series } from '../metrics/family';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { LabelNames } from '../metrics/label-names';
import type { Labels } from '../metrics/labels';
import type { SummaryCell } from '../metrics/summary-cell';
import {
  countOf,
  explicitValue,
  exponentialValue,
  type HistogramSnapshot,
  snapshotOf,
  subtract,
} from './histogram-snapshot';
import {
  type Attributes,
  CUMULATIVE,
  type DataPoint,
  DOUBLE,
  type ExemplarData,
  type ExponentialHistogramValue,
  type HistogramValue,
  type HrTime,
  type MetricData,
  POINT_TYPE,
  type Temporality,
  toHrTime,
} from './metric-data';
import type { MetricNaming } from './metric-names';
import type { Change, PreviousValues } from './previous-values';

/** The temporality of each kind of instrument. */
export interface Temporalities {
  readonly counter: Temporality;
  readonly upDownCounter: Temporality;
  readonly histogram: Temporality;
}

/** What all collections of one producer have in common. */
export interface CollectionSettings {
  readonly naming: MetricNaming;
  readonly temporalities: Temporalities;
  /** Whether histograms with native buckets become exponential histograms. */
  readonly exponential: boolean;
}

/** When this thread started, in milliseconds since 1970. */
const threadStart = (): number => unixTimeOf(0) * 1000;

/** Collects the data points of one family at one moment. */
export class FamilyPoints {
  private readonly sums: DataPoint<number>[] = [];
  private readonly gauges: DataPoint<number>[] = [];
  private readonly explicit: DataPoint<HistogramValue>[] = [];
  private readonly exponential: DataPoint<ExponentialHistogramValue>[] = [];

  constructor(
    private readonly settings: CollectionSettings,
    private readonly family: Family,
    private readonly previous: PreviousValues,
    private readonly defaultLabels: Labels,
    private readonly labelNames: LabelNames,
    /** When the collection began, in milliseconds since 1970. */
    private readonly time: number,
  ) {}

  add({ text, labels, cell }: Series): void {
    const own = this.settings.naming.attributesOf(labels, this.labelNames);
    const attributes = { ...this.defaultLabels, ...own };
    switch (this.family.type) {
      case 'counter':
        return this.addCounter(text, attributes, cell as CounterCell);
      case 'gauge':
        return this.addGauge(text, attributes, cell as GaugeCell);
      case 'histogram':
        return this.addHistogram(text, attributes, cell as HistogramCell);
      case 'summary':
        return this.addSummary(text, attributes, cell as SummaryCell);
    }
  }

  /** Ends the collection. Returns the metrics of the family, which has several if its series have different kinds of data points. */
  metrics(): MetricData[] {
    const { temporalities, naming } = this.settings;
    const { name, description, unit } = naming.identify(this.family);
    const descriptor = { name, description, unit, valueType: DOUBLE } as const;
    const isMonotonic = this.family.type === 'counter';
    this.previous.commit();
    const metrics: MetricData[] = [
      {
        descriptor,
        aggregationTemporality: isMonotonic ? temporalities.counter : temporalities.upDownCounter,
        dataPointType: POINT_TYPE.sum,
        dataPoints: this.sums,
        isMonotonic,
      },
      {
        descriptor: {
          ...descriptor,
          name: this.family.type === 'summary' ? name + naming.quantileSuffix : name,
        },
        aggregationTemporality: CUMULATIVE,
        dataPointType: POINT_TYPE.gauge,
        dataPoints: this.gauges,
      },
      {
        descriptor,
        aggregationTemporality: temporalities.histogram,
        dataPointType: POINT_TYPE.histogram,
        dataPoints: this.explicit,
      },
      {
        descriptor,
        aggregationTemporality: temporalities.histogram,
        dataPointType: POINT_TYPE.exponentialHistogram,
        dataPoints: this.exponential,
      },
    ];
    return metrics.filter(({ dataPoints }) => dataPoints.length > 0);
  }

  private addCounter(key: string, attributes: Attributes, cell: CounterCell): void {
    const { temporalities } = this.settings;
    const value = cell.read();
    const exemplars = cell.exemplar === null ? [] : [cell.exemplar];
    if (temporalities.counter === CUMULATIVE) {
      this.sums.push(this.point(attributes, value, this.startOf(cell), exemplars));
      return;
    }
    const change = this.previous.count(key, cell, value, this.time);
    if (change.since !== null && change.value === 0) return;
    this.sums.push(this.changePoint(attributes, change.value, cell, change, exemplars));
  }

  private addGauge(key: string, attributes: Attributes, cell: GaugeCell): void {
    const { temporalities } = this.settings;
    const value = cell.read();
    const { change, start } = this.previous.gauge(key, cell, value, threadStart(), this.time);
    // Values that several processes would add up are sums of ups and downs: calls in progress, open connections.
    if (this.family.aggregator !== 'sum') this.gauges.push(this.point(attributes, value, start));
    else if (temporalities.upDownCounter === CUMULATIVE) {
      this.sums.push(this.point(attributes, value, start));
    } else this.sums.push(this.point(attributes, change, start));
  }

  private addHistogram(key: string, attributes: Attributes, cell: HistogramCell): void {
    const { hasErrorTypes } = this.settings.naming;
    if (!hasErrorTypes || attributes['error.type'] === undefined) {
      this.addObservations(key, attributes, cell, snapshotOf(cell));
      return;
    }
    let rest = snapshotOf(cell);
    for (const [type, part] of cell.errorTypes ?? []) {
      const snapshot = snapshotOf(part);
      rest = subtract(rest, snapshot);
      this.addObservations(`${key} ${type}`, { ...attributes, 'error.type': type }, part, snapshot);
    }
    // Errors whose type was not recorded. Without any, there is no such point.
    if (countOf(rest) > 0) this.addObservations(key, attributes, cell, rest);
  }

  private addObservations(
    key: string,
    attributes: Attributes,
    cell: HistogramCell,
    snapshot: HistogramSnapshot,
  ): void {
    const { temporalities } = this.settings;
    const exemplars = (cell.exemplars ?? []).filter((each) => each !== undefined);
    if (temporalities.histogram === CUMULATIVE) {
      this.addSnapshot(snapshot, (value) =>
        this.point(attributes, value, this.startOf(cell), exemplars),
      );
      return;
    }
    const change = this.previous.histogram(key, cell, snapshot, this.time);
    if (change.since !== null && countOf(change.value) === 0) return;
    this.addSnapshot(change.value, (value) =>
      this.changePoint(attributes, value, cell, change, exemplars),
    );
  }

  private addSnapshot(snapshot: HistogramSnapshot, point: <T>(value: T) => DataPoint<T>): void {
    const { native, sum } = snapshot;
    if (native !== null && this.settings.exponential) {
      this.exponential.push(point(exponentialValue(native, sum)));
    } else this.explicit.push(point(explicitValue(snapshot)));
  }

  /** The SDK has no summaries. A histogram without bounds has count and sum, and a gauge has the quantiles. */
  private addSummary(key: string, attributes: Attributes, cell: SummaryCell): void {
    const { temporalities } = this.settings;
    const { count, sum } = cell;
    if (count > 0) {
      cell.values().forEach((value, i) => {
        if (Number.isNaN(value)) return;
        const quantile = String(cell.quantiles[i]);
        this.gauges.push(this.point({ ...attributes, quantile }, value, this.startOf(cell)));
      });
    }
    const snapshot = { bounds: [], counts: [count], sum, native: null };
    if (temporalities.histogram === CUMULATIVE) {
      this.explicit.push(this.point(attributes, explicitValue(snapshot), this.startOf(cell)));
      return;
    }
    const change = this.previous.histogram(key, cell, snapshot, this.time);
    if (change.since !== null && countOf(change.value) === 0) return;
    const value = explicitValue(change.value);
    this.explicit.push(this.changePoint(attributes, value, cell, change, []));
  }

  /** A data point of what has happened since the collection before. */
  private changePoint<T>(
    attributes: Attributes,
    value: T,
    cell: { readonly startedAt: number },
    { since }: Change<unknown>,
    exemplars: readonly Exemplar[],
  ): DataPoint<T> {
    const recent =
      since === null ? exemplars : exemplars.filter(({ timestamp }) => timestamp * 1000 >= since);
    return this.point(attributes, value, since ?? this.startOf(cell), recent);
  }

  private point<T>(
    attributes: Attributes,
    value: T,
    start: number,
    exemplars: readonly Exemplar[] = [],
  ): DataPoint<T> {
    const point = {
      startTime: timeOf(Math.min(start, this.time)),
      endTime: timeOf(this.time),
      attributes,
      value,
    };
    return exemplars.length === 0 ? point : { ...point, exemplars: exemplars.map(exemplarOf) };
  }

  private startOf({ startedAt }: { readonly startedAt: number }): number {
    return unixTimeOf(startedAt) * 1000;
  }
}

function exemplarOf({ labels, value, timestamp }: Exemplar): ExemplarData {
  const { trace_id: traceId, span_id: spanId, ...filteredAttributes } = labels;
  return {
    filteredAttributes,
    value,
    timestamp: toHrTime(timestamp),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
  };
}

function timeOf(milliseconds: number): HrTime {
  return toHrTime(milliseconds / 1000);
}
