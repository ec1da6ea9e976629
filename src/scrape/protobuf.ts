import type { CounterCell, GaugeCell } from '../metrics/cell';
import { unixTimeOf } from '../metrics/clock';
import type { Exemplar } from '../metrics/exemplar';
import type { CellType, FamilyView, Series } from '../metrics/family';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { LabelNames } from '../metrics/label-names';
import { type NativeBuckets, ZERO_THRESHOLD } from '../metrics/native-buckets';
import type { SummaryCell } from '../metrics/summary-cell';
import { ByteWriter } from './byte-writer';
import { ProtobufMessage } from './protobuf-message';
import { unitOf } from './unit';
import type { UserMetric } from './user-metric';
import {
  type ClassicBucket,
  type ClassicHistogram,
  groupUserMetric,
  type SummaryValues,
  type UserSeries,
} from './user-series';
import type { MetricWriter } from './writer';

type Labels = Readonly<Record<string, string | number>>;

/** The numbers of `io.prometheus.client.MetricType`. */
const TYPES: Readonly<Record<string, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  untyped: 3,
  histogram: 4,
};

/**
 * Writes delimited messages of type `io.prometheus.client.MetricFamily`. The field numbers are from
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
export class ProtobufWriter implements MetricWriter {
  private readonly out = new ByteWriter(64 * 1024);
  private readonly family = new ProtobufMessage();
  /**
   * The metrics of the family that have native buckets. They are a message of their own, because Prometheus takes every
   * metric of a message for native if the first one is, and then refuses the whole scrape if another has no native buckets.
   */
  private readonly nativeFamily = new ProtobufMessage();
  /** The length of either message before its first metric. */
  private headerLength = 0;
  /** Default labels of the metric that is being written. */
  private defaultLabels: [string, string][] = [];
  // One message for each depth of nesting, reused for every series.
  private readonly metric = new ProtobufMessage();
  private readonly body = new ProtobufMessage();
  private readonly part = new ProtobufMessage();
  private readonly exemplarMessage = new ProtobufMessage();
  private readonly leaf = new ProtobufMessage();

  constructor(
    /** Default labels of the user's metrics. */
    private readonly userLabels: Readonly<Record<string, string>>,
    private readonly familyLabels: Readonly<Record<string, string>>,
    private readonly labelNames: LabelNames,
  ) {}

  beginFamily({ registeredName, help, type }: FamilyView): void {
    this.defaultLabels = Object.entries(this.familyLabels);
    this.begin(registeredName, help, type);
  }

  series(type: CellType, series: Series): void {
    const { cell } = series;
    const labels = this.labelNames.inLabels(series.labels);
    switch (type) {
      case 'histogram':
        return this.histogram(labels, cell as HistogramCell);
      case 'summary':
        return this.summary(labels, cell as SummaryCell);
      case 'counter':
        return this.counter(
          labels,
          (cell as CounterCell).read(),
          (cell as CounterCell).exemplar,
          unixTimeOf((cell as CounterCell).startedAt),
        );
      default:
        return this.single(labels, 2, (cell as GaugeCell).read());
    }
  }

  endFamily(): void {
    const hasNative = this.nativeFamily.length > this.headerLength;
    if (this.family.length > this.headerLength || !hasNative) this.write(this.family);
    if (hasNative) this.write(this.nativeFamily);
  }

  private write(message: ProtobufMessage): void {
    this.out.varint(message.length);
    this.out.bytes(message.result());
  }

  *userMetric(metric: UserMetric): Generator<void> {
    this.defaultLabels = Object.entries(this.userLabels);
    this.begin(metric.name, metric.help, metric.type);
    for (const series of groupUserMetric(metric)) {
      if (series !== null) this.userSeries(series);
      yield;
    }
    this.endFamily();
  }

  private userSeries(series: UserSeries): void {
    switch (series.type) {
      case 'histogram':
        this.classicHistogram(series.labels, series);
        break;
      case 'summary':
        this.summaryOf(series.labels, series, null);
        break;
      case 'counter':
        this.counter(series.labels, series.value, series.exemplar, null);
        break;
      default:
        this.single(series.labels, series.type === 'gauge' ? 2 : 5, series.value);
    }
  }

  get length(): number {
    return this.out.length;
  }

  take(): Buffer {
    return this.out.take();
  }

  finish(): Buffer {
    return this.take();
  }

  private begin(name: string, help: string, type: string): void {
    const unit = unitOf(name);
    for (const message of [this.family, this.nativeFamily]) {
      message.clear();
      message.string(1, name);
      message.string(2, help);
      message.uint(3, TYPES[type] ?? (TYPES['untyped'] as number));
      if (unit !== null) message.string(5, unit);
    }
    this.headerLength = this.family.length;
  }

  /** Writes a metric with one value: a gauge (field 2) or untyped (field 5). */
  private single(labels: Labels, field: number, value: number): void {
    this.body.clear();
    this.body.double(1, value);
    this.addMetric(labels, field);
  }

  private counter(
    labels: Labels,
    value: number,
    exemplar: Exemplar | null,
    startedAt: number | null,
  ): void {
    this.body.clear();
    this.body.double(1, value);
    if (exemplar !== null) this.addExemplar(this.body, 2, exemplar);
    this.addTimestamp(this.body, 3, startedAt);
    this.addMetric(labels, 3);
  }

  private summary(labels: Labels, cell: SummaryCell): void {
    const values = cell
      .values()
      .map((value, i): [number, number] => [cell.quantiles[i] as number, value]);
    const { count, sum, startedAt } = cell;
    this.summaryOf(labels, { quantiles: values, count, sum }, unixTimeOf(startedAt));
  }

  private summaryOf(
    labels: Labels,
    { quantiles, count, sum }: SummaryValues,
    startedAt: number | null,
  ): void {
    this.body.clear();
    this.body.uint(1, count);
    this.body.double(2, sum);
    for (const [quantile, value] of quantiles) {
      this.part.clear();
      this.part.double(1, quantile);
      this.part.double(2, value);
      this.body.message(3, this.part);
    }
    this.addTimestamp(this.body, 4, startedAt);
    this.addMetric(labels, 4);
  }

  private histogram(labels: Labels, cell: HistogramCell): void {
    let cumulative = 0;
    const buckets = cell.bounds.map((bound, i): ClassicBucket => {
      cumulative += cell.countAt(i);
      return [bound, cumulative, cell.exemplars?.[i] ?? null];
    });
    const count = cell.count();
    buckets.push([Infinity, count, cell.exemplars?.[cell.bounds.length] ?? null]);
    this.histogramBody({ buckets, count, sum: cell.sum });
    if (cell.native !== null) this.addNative(cell.native);
    this.addTimestamp(this.body, 15, unixTimeOf(cell.startedAt));
    this.addMetric(labels, 7, cell.native === null ? this.family : this.nativeFamily);
  }

  private classicHistogram(labels: Labels, histogram: ClassicHistogram): void {
    this.histogramBody(histogram);
    this.addMetric(labels, 7);
  }

  private histogramBody({ buckets, count, sum }: ClassicHistogram): void {
    this.body.clear();
    this.body.uint(1, count);
    this.body.double(2, sum);
    for (const [bound, cumulative, exemplar] of buckets) {
      this.part.clear();
      this.part.uint(1, cumulative);
      this.part.double(2, bound);
      if (exemplar !== null) this.addExemplar(this.part, 3, exemplar);
      this.body.message(3, this.part);
    }
  }

  private addNative(native: NativeBuckets): void {
    const { body, part } = this;
    body.sint(5, native.schema);
    body.double(6, ZERO_THRESHOLD);
    body.uint(7, native.zeros);
    // A span is a run of adjacent buckets. Each count is written as the difference from the count before it.
    let next = 0;
    let before = 0;
    let length = 0;
    const deltas: number[] = [];
    const span = (offset: number): void => {
      part.clear();
      part.sint(1, offset);
      part.uint(2, length);
      body.message(12, part);
    };
    let offset = 0;
    native.counts.forEach((count, i) => {
      if (count === 0) return;
      const index = native.first + i;
      if (length > 0 && index !== next) {
        span(offset);
        length = 0;
      }
      if (length === 0) offset = index - next;
      next = index + 1;
      length++;
      deltas.push(count - before);
      before = count;
    });
    if (length > 0) span(offset);
    // An empty span marks a histogram without observations as native.
    else if (native.zeros === 0) span(0);
    for (const delta of deltas) body.sint(13, delta);
  }

  private addExemplar(message: ProtobufMessage, field: number, exemplar: Exemplar): void {
    const { exemplarMessage } = this;
    exemplarMessage.clear();
    this.addLabels(exemplarMessage, Object.entries(exemplar.labels));
    exemplarMessage.double(2, exemplar.value);
    this.addTimestamp(exemplarMessage, 3, exemplar.timestamp);
    message.message(field, exemplarMessage);
  }

  /** Adds a time, in seconds since 1970, as a `google.protobuf.Timestamp`. */
  private addTimestamp(message: ProtobufMessage, field: number, time: number | null): void {
    if (time === null || Number.isNaN(time)) return;
    const { leaf } = this;
    const seconds = Math.floor(time);
    leaf.clear();
    leaf.uint(1, seconds);
    leaf.uint(2, Math.round((time - seconds) * 1e9));
    message.message(field, leaf);
  }

  /** Adds a metric to the family, with `body` as its value in the given field. */
  private addMetric(labels: Labels, field: number, family = this.family): void {
    this.metric.clear();
    this.addLabels(this.metric, Object.entries(labels));
    this.addLabels(
      this.metric,
      this.defaultLabels.filter(([name]) => !Object.hasOwn(labels, name)),
    );
    this.metric.message(field, this.body);
    family.message(4, this.metric);
  }

  private addLabels(message: ProtobufMessage, labels: readonly [string, string | number][]): void {
    for (const [name, value] of labels) {
      this.leaf.clear();
      this.leaf.string(1, name);
      this.leaf.string(2, String(value));
      message.message(1, this.leaf);
    }
  }
}
