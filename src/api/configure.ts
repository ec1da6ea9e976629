import { checkObjectives } from '../declaration/objective-check';
import { MAX_RESOLUTION, MIN_RESOLUTION } from '../metrics/native-buckets';
import { type ExemplarFunction, setExemplarFunction } from '../runtime/exemplars';
import { isMetricsRegistry, type MetricsRegistry } from '../runtime/registry';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import {
  DEFAULT_NATIVE_HISTOGRAMS,
  type ErrorHandler,
  type NativeHistogramSettings,
} from '../runtime/settings';
import {
  checkBuckets,
  checkConstantLabels,
  checkOptionTable,
  checkPrefix,
  isBoolean,
  isFunction,
  mustBe,
  type OptionTable,
} from '../validation/checks';

/** Options of {@link configureMetrics}. A call changes only the options that it names. */
export interface MetricsConfiguration {
  /**
   * Labels of every series in the registry. A series' own label wins. Replaces the default labels of an earlier call.
   *
   * @default no labels
   */
  defaultLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * The registry that holds the metrics. Metrics that exist move there.
   *
   * @default the global registry of the client library
   */
  registry?: MetricsRegistry | undefined;
  /**
   * Prefix of every metric name of this package, also of metrics that exist.
   *
   * @default ''
   */
  prefix?: string | undefined;
  /**
   * Upper bounds of histograms that name no buckets, in seconds. Histograms that exist start again at 0.
   *
   * @default [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
   */
  buckets?: readonly number[] | undefined;
  /**
   * Whether the registry has the client library's metrics of the process and of Node.js.
   *
   * @default true after a metrics server was started, otherwise false
   */
  processMetrics?: boolean | undefined;
  /**
   * Whether calls are recorded. With `false`, decorated methods run their originals at the cost of one branch.
   *
   * @default true
   */
  enabled?: boolean | undefined;
  /**
   * Number of series of one metric past which new label combinations share one series with the value `_other`.
   *
   * @default 2000
   */
  maxSeriesPerMetric?: number | undefined;
  /**
   * Returns the labels of an exemplar, such as a trace id, when a latency or an error is recorded. OpenMetrics and
   * protobuf show exemplars. `null` records none.
   *
   * @default null
   */
  exemplar?: ExemplarFunction | null | undefined;
  /**
   * Adds native buckets to every `Timed` that does not set `native` itself. These histograms start again at 0.
   *
   * @default false
   */
  nativeHistograms?: boolean | Partial<NativeHistogramSettings> | undefined;
  /**
   * Receives the faults of metrics code, once per site.
   *
   * @default console.warn
   */
  onError?: ErrorHandler | undefined;
}

const WHERE = 'configureMetrics';

/** Labels that the text format itself sets. */
const FORMAT_LABELS = ['le', 'quantile'] as const;

const isPositiveInteger = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 0;

const NATIVE_HISTOGRAM_OPTIONS: OptionTable<NativeHistogramSettings> = {
  resolution: mustBe(
    (value: number) =>
      Number.isInteger(value) && value >= MIN_RESOLUTION && value <= MAX_RESOLUTION,
    `a whole number from ${MIN_RESOLUTION} to ${MAX_RESOLUTION}`,
  ),
  maxBuckets: mustBe(isPositiveInteger, 'a whole number above 0'),
};

const OPTIONS: OptionTable<MetricsConfiguration> = {
  defaultLabels: (where, name, value) =>
    checkConstantLabels(`${where}: ${name}`, value, FORMAT_LABELS),
  registry: mustBe(isMetricsRegistry, 'a registry of prom-client'),
  prefix: (where, _name, value) => checkPrefix(where, value),
  buckets: (where, _name, value) => checkBuckets(where, value),
  processMetrics: mustBe(isBoolean, 'true or false'),
  enabled: mustBe(isBoolean, 'true or false'),
  maxSeriesPerMetric: mustBe(isPositiveInteger, 'a whole number above 0'),
  exemplar: mustBe(
    (value: unknown) => value === null || typeof value === 'function',
    'a function or null',
  ),
  nativeHistograms: (where, name, value) => {
    if (typeof value === 'boolean') return;
    checkOptionTable(`${where}: ${name}`, value, NATIVE_HISTOGRAM_OPTIONS);
  },
  onError: mustBe(isFunction, 'a function'),
};

/**
 * Sets options for all metrics of the process, before or after handler classes are imported, as often as wanted.
 *
 * @throws {@link ThriftMetricsError} if an option is wrong. Nothing is changed then.
 *
 * @example
 * ```ts
 * configureMetrics({ defaultLabels: { env: 'prod', region: 'eu' } });
 * ```
 */
export function configureMetrics(options: MetricsConfiguration): void {
  const runtime = currentRuntime();
  checkOptionTable(WHERE, options, OPTIONS);
  if (options.buckets !== undefined) checkObjectives(runtime, options.buckets);
  const { families, settings } = runtime;
  const registry = options.registry ?? runtime.registry.current();
  const prefix = options.prefix ?? settings.prefix;
  families.checkNamesAreFree(registry, prefix, { location: WHERE });
  // Everything that can be refused was checked above.
  families.move(registry, prefix);
  apply(runtime, options);
  runtime.registry.setDefaultLabels(registry, settings.defaultLabels);
}

function apply(runtime: Runtime, options: MetricsConfiguration): void {
  const { settings, gate, families, faults } = runtime;
  if (options.defaultLabels !== undefined) settings.defaultLabels = { ...options.defaultLabels };
  if (options.buckets !== undefined) families.setDefaultBuckets([...options.buckets]);
  if (options.processMetrics !== undefined) {
    runtime.registry.setProcessMetrics(options.processMetrics);
  }
  if (options.enabled !== undefined) gate.enabled = options.enabled;
  if (options.maxSeriesPerMetric !== undefined) {
    settings.maxSeriesPerMetric = options.maxSeriesPerMetric;
  }
  if (options.exemplar !== undefined) {
    setExemplarFunction(runtime.exemplars, options.exemplar, faults);
  }
  if (options.nativeHistograms !== undefined) {
    families.setNativeHistograms(nativeHistogramSettings(options.nativeHistograms));
  }
  if (options.onError !== undefined) {
    settings.onError = options.onError;
    faults.forget();
  }
}

function nativeHistogramSettings(
  given: boolean | Partial<NativeHistogramSettings>,
): NativeHistogramSettings | null {
  if (given === false) return null;
  // Destructured instead of spread, because a key with the value undefined counts as not given.
  const {
    resolution = DEFAULT_NATIVE_HISTOGRAMS.resolution,
    maxBuckets = DEFAULT_NATIVE_HISTOGRAMS.maxBuckets,
  } = given === true ? {} : given;
  return { resolution, maxBuckets };
}

/**
 * Sets every value of this package to 0, for tests. Series stay. A call in progress no longer counts as active. Faults
 * are reported again.
 *
 * @example
 * ```ts
 * beforeEach(() => resetMetrics());
 * ```
 */
export function resetMetrics(): void {
  const { families, faults } = currentRuntime();
  for (const family of families) family.reset();
  faults.forget();
}
