import { wallClock } from '../metrics/clock';
import type { Family } from '../metrics/family';
import { packageVersion } from '../runtime/versions';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import { registryContents } from '../scrape/contents';
import { SERIES_PER_CLOCK_READING, TimeBudget } from '../runtime/time-budget';
import {
  checkOptionTable,
  isBoolean,
  isObject,
  mustBe,
  type OptionTable,
  show,
} from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import {
  type CollectedMetrics,
  CUMULATIVE,
  DELTA,
  type MetricData,
  emptyResource,
  type ResourceLike,
  type Temporality,
} from './metric-data';
import { CONVENTION_NAMING, PROMETHEUS_NAMING } from './metric-names';
import { type CollectionSettings, FamilyPoints, type Temporalities } from './metric-points';
import { PreviousValues } from './previous-values';

/** A metric exporter or reader of OpenTelemetry, which knows the temporality of each kind of instrument. */
export interface TemporalitySource {
  /** Returns 0 for delta and 1 for cumulative, as `AggregationTemporality` of the SDK does. */
  selectAggregationTemporality(instrumentType: never): number;
}

/** Options of {@link ThriftMetricProducer}. */
export interface ThriftMetricProducerOptions {
  /**
   * The names of metrics and attributes. `'prometheus'` keeps those that a scrape shows. `'opentelemetry'` uses the RPC
   * conventions of OpenTelemetry, such as `rpc.server.call.duration` and `rpc.method`.
   *
   * @default 'prometheus'
   */
  naming?: 'prometheus' | 'opentelemetry' | undefined;
  /**
   * Whether a data point counts since its series started, or since the collection before. The SDK does not pass the
   * temporality of a reader to its producers: pass the exporter itself to follow it. `'delta'` leaves values that can fall
   * cumulative, as OpenTelemetry's exporters do.
   *
   * @default 'cumulative'
   */
  temporality?: 'cumulative' | 'delta' | TemporalitySource | undefined;
  /**
   * Whether histograms with native buckets become exponential histograms. `false` makes them explicit ones.
   *
   * @default true
   */
  exponential?: boolean | undefined;
  /**
   * The resource in what `collect` resolves. A reader replaces it with the resource of its `MeterProvider`.
   *
   * @default a resource without attributes
   */
  resource?: ResourceLike | undefined;
}

const WHERE = 'ThriftMetricProducer';

const NAMINGS = {
  prometheus: PROMETHEUS_NAMING,
  opentelemetry: CONVENTION_NAMING,
} as const;

const OPTIONS: OptionTable<ThriftMetricProducerOptions> = {
  naming: mustBe(
    (value) => Object.hasOwn(NAMINGS, String(value)),
    "'prometheus' or 'opentelemetry'",
  ),
  temporality: mustBe(
    (value) => value === 'cumulative' || value === 'delta' || isTemporalitySource(value),
    "'cumulative', 'delta', or an exporter with the method selectAggregationTemporality",
  ),
  exponential: mustBe(isBoolean, 'a boolean'),
  resource: mustBe(
    (value) => isObject(value) && isObject((value as Partial<ResourceLike>).attributes),
    'a resource of @opentelemetry/resources',
  ),
};

/**
 * Passes every metric of this package to a metric reader of OpenTelemetry, in addition to the metrics of the SDK. A call
 * costs what it costs without OpenTelemetry, because the values are read when the reader collects them.
 *
 * It contains the metrics of its own process or thread. Give every process a producer of its own. Several readers need a
 * producer each if their temporality is delta.
 *
 * @throws `ThriftMetricsError` if an option is wrong.
 *
 * @example
 * ```ts
 * const reader = new PeriodicExportingMetricReader({
 *   exporter: new OTLPMetricExporter(),
 *   metricProducers: [new ThriftMetricProducer({ naming: 'opentelemetry' })],
 * });
 * const provider = new MeterProvider({ readers: [reader] });
 * ```
 */
export class ThriftMetricProducer {
  private readonly settings: CollectionSettings;
  private readonly resource: ResourceLike;
  private readonly previous = new WeakMap<Family, PreviousValues>();
  /** Settles when no collection is in progress. */
  private idle: Promise<unknown> = Promise.resolve();

  constructor(options: ThriftMetricProducerOptions = {}) {
    checkOptionTable(WHERE, options, OPTIONS);
    const { naming = 'prometheus', temporality = 'cumulative' } = options;
    this.settings = {
      naming: NAMINGS[naming],
      temporalities: temporalitiesOf(temporality),
      exponential: options.exponential ?? true,
    };
    this.resource = options.resource ?? emptyResource();
    if (this.settings.naming.hasErrorTypes) currentRuntime().errorTypes.recorded = true;
  }

  /**
   * Reads all metrics. Collections of one producer follow one another, so that each delta is reported once. It never rejects:
   * `errors` has what failed. A long collection yields to the event loop every 0.1 ms.
   */
  collect(): Promise<CollectedMetrics> {
    const collection = this.idle.then(() => this.read());
    this.idle = collection;
    return collection;
  }

  private async read(): Promise<CollectedMetrics> {
    const metrics: MetricData[] = [];
    const errors: unknown[] = [];
    const runtime = currentRuntime();
    try {
      await this.readFamilies(runtime, metrics);
    } catch (error) {
      runtime.faults.report('metric producer', error);
      errors.push(error);
    }
    const scope = { name: 'thrift-metrics', version: packageVersion() };
    return {
      resourceMetrics: { resource: this.resource, scopeMetrics: [{ scope, metrics }] },
      errors,
    };
  }

  private async readFamilies(runtime: Runtime, metrics: MetricData[]): Promise<void> {
    const { families, familyLabels, labelNames } = registryContents(runtime);
    const time = wallClock();
    const budget = new TimeBudget();
    for (const family of families) {
      const previous = this.previousOf(family);
      const points = new FamilyPoints(
        this.settings,
        family,
        previous,
        familyLabels,
        labelNames,
        time,
      );
      // oxlint-disable-next-line no-await-in-loop -- families are read one after another
      await readSeries(family, points, budget);
      metrics.push(...points.metrics());
    }
  }

  private previousOf(family: Family): PreviousValues {
    let previous = this.previous.get(family);
    if (previous === undefined) this.previous.set(family, (previous = new PreviousValues()));
    return previous;
  }
}

async function readSeries(family: Family, points: FamilyPoints, budget: TimeBudget): Promise<void> {
  let read = 0;
  for (const series of family.shown()) {
    points.add(series);
    if (++read % SERIES_PER_CLOCK_READING === 0 && budget.isSpent()) {
      // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
      await budget.yield();
    }
  }
}

function isTemporalitySource(value: unknown): value is TemporalitySource {
  return (
    isObject(value) &&
    typeof (value as Partial<TemporalitySource>).selectAggregationTemporality === 'function'
  );
}

function temporalitiesOf(option: 'cumulative' | 'delta' | TemporalitySource): Temporalities {
  if (option === 'cumulative') {
    return { counter: CUMULATIVE, upDownCounter: CUMULATIVE, histogram: CUMULATIVE };
  }
  if (option === 'delta') return { counter: DELTA, upDownCounter: CUMULATIVE, histogram: DELTA };
  return {
    counter: selected(option, 'COUNTER'),
    upDownCounter: selected(option, 'UP_DOWN_COUNTER'),
    histogram: selected(option, 'HISTOGRAM'),
  };
}

/** Asks an exporter. `instrumentType` is a value of the SDK's `InstrumentType`. */
function selected(source: TemporalitySource, instrumentType: string): Temporality {
  const value: unknown = source.selectAggregationTemporality(instrumentType as never);
  if (value === DELTA || value === CUMULATIVE) return value;
  throw new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `${WHERE}: selectAggregationTemporality of option 'temporality' returned ${show(value)} for ${instrumentType}. Expected 0 (delta) or 1 (cumulative).`,
  );
}
