import { checkObjectives } from '../declaration/objective';
import type { HistogramCell } from '../metrics/cell';
import { MAX_RESOLUTION, MIN_RESOLUTION } from '../metrics/native-buckets';
import { type ExemplarFunction, setExemplarFunction } from '../runtime/exemplars';
import {
  checkNameIsFree,
  configureNativeHistograms,
  detach,
  restoreFamilies,
} from '../runtime/families';
import {
  addProcessMetrics,
  applyDefaultLabels,
  currentRegistry,
  isMetricsRegistry,
  type MetricsRegistry,
  removeProcessMetrics,
} from '../runtime/registry';
import { state } from '../runtime/runtime';
import {
  DEFAULT_NATIVE_HISTOGRAMS,
  type ErrorHandler,
  type NativeHistogramSettings,
} from '../runtime/settings';
import { checkConstantLabels } from '../validation/labels';
import { checkPrefix } from '../validation/names';
import { checkBuckets } from '../validation/numbers';
import { checkOption, checkOptions, isBoolean, isFunction } from '../validation/options';

/** What `configureMetrics` takes; every key is optional, and only the keys that are there change anything. */
export interface MetricsConfiguration {
  /** On every series of the registry; a series' own label wins. Replaces the default labels set before. `{}`. */
  defaultLabels?: Readonly<Record<string, string>> | undefined;
  /** Where the metrics live; those that exist move there. The client library's global registry. */
  registry?: MetricsRegistry | undefined;
  /** Before every metric name of this package, also of those that exist. `''`. */
  prefix?: string | undefined;
  /** Upper bounds in seconds for histograms that name none; those that exist start again at 0. 0.5 ms to 10 s. */
  buckets?: readonly number[] | undefined;
  /** The client library's process and Node.js metrics. `true` once a metrics server is started, else `false`. */
  processMetrics?: boolean | undefined;
  /** `false`: decorated methods run their originals, at the cost of one branch. `true`. */
  enabled?: boolean | undefined;
  /** Series of one metric, past which new label combinations go to one series `_other`. 2000. */
  maxSeriesPerMetric?: number | undefined;
  /**
   * Asked for the labels of an exemplar (a trace id) when a latency or an error is recorded, which OpenMetrics and
   * protobuf then show. `null`: nobody is asked. `null`.
   */
  exemplar?: ExemplarFunction | null | undefined;
  /** Native buckets for every `Timed` that does not say for itself; histograms start again at 0. `false`. */
  nativeHistograms?: boolean | Partial<NativeHistogramSettings> | undefined;
  /** Told of the faults of metrics code, once per site. `console.warn`. */
  onError?: ErrorHandler | undefined;
}

const OPTIONS: readonly (keyof MetricsConfiguration)[] = [
  'defaultLabels',
  'registry',
  'prefix',
  'buckets',
  'processMetrics',
  'enabled',
  'maxSeriesPerMetric',
  'exemplar',
  'nativeHistograms',
  'onError',
];

const WHERE = 'configureMetrics';

/**
 * Sets what holds for all metrics of the process, before or after handler classes are imported, as often as wanted.
 *
 * @throws {@link ThriftMetricsError} when an option is wrong; nothing is changed then.
 *
 * @example
 * ```ts
 * configureMetrics({ defaultLabels: { env: 'prod', region: 'eu' } });
 * ```
 */
export function configureMetrics(options: MetricsConfiguration): void {
  validate(options);
  const registry = options.registry ?? currentRegistry();
  const prefix = options.prefix ?? state.settings.prefix;
  for (const family of state.families.values()) {
    checkNameIsFree(registry, prefix + family.baseName, { place: WHERE });
  }
  place(registry, prefix);
  applySettings(options);
  applyDefaultLabels(registry, state.settings.defaultLabels);
}

function validate(options: MetricsConfiguration): void {
  checkOptions(WHERE, options, OPTIONS);
  const { defaultLabels, registry, prefix, buckets } = options;
  if (defaultLabels !== undefined) {
    checkConstantLabels(`${WHERE}: defaultLabels`, defaultLabels, [LABEL_LE, LABEL_QUANTILE]);
  }
  checkOption(WHERE, 'registry', registry, isMetricsRegistry, 'a registry of prom-client');
  if (prefix !== undefined) checkPrefix(WHERE, prefix);
  if (buckets !== undefined) {
    checkBuckets(WHERE, buckets);
    checkObjectives(buckets);
  }
  checkOption(WHERE, 'processMetrics', options.processMetrics, isBoolean, 'true or false');
  checkOption(WHERE, 'enabled', options.enabled, isBoolean, 'true or false');
  checkOption(WHERE, 'exemplar', options.exemplar, isFunctionOrNull, 'a function or null');
  checkNativeHistograms(options.nativeHistograms);
  checkOption(WHERE, 'onError', options.onError, isFunction, 'a function');
  checkOption(
    WHERE,
    'maxSeriesPerMetric',
    options.maxSeriesPerMetric,
    (value: unknown) => Number.isInteger(value) && (value as number) > 0,
    'a whole number above 0',
  );
}

function isFunctionOrNull(value: unknown): boolean {
  return value === null || typeof value === 'function';
}

function checkNativeHistograms(value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  const where = `${WHERE}: nativeHistograms`;
  checkOptions(where, value, ['resolution', 'maxBuckets']);
  const { resolution, maxBuckets } = value as Partial<NativeHistogramSettings>;
  checkOption(
    where,
    'resolution',
    resolution,
    (given: number) =>
      Number.isInteger(given) && given >= MIN_RESOLUTION && given <= MAX_RESOLUTION,
    `a whole number from ${MIN_RESOLUTION} to ${MAX_RESOLUTION}`,
  );
  checkOption(
    where,
    'maxBuckets',
    maxBuckets,
    (given: number) => Number.isInteger(given) && given > 0,
    'a whole number above 0',
  );
}

/** Labels that the text format itself sets. */
const LABEL_LE = 'le';
const LABEL_QUANTILE = 'quantile';

/** Moves the families to a registry under a prefix. */
function place(registry: MetricsRegistry, prefix: string): void {
  const { settings, families } = state;
  const before = currentRegistry();
  const moves = registry !== before;
  if (!moves && prefix === settings.prefix) {
    restoreFamilies();
    return;
  }
  for (const family of families.values()) detach(before, family);
  if (moves) {
    applyDefaultLabels(before, {});
    if (state.processMetrics.length > 0) {
      removeProcessMetrics(before);
      addProcessMetrics(registry);
    }
  }
  settings.registry = registry;
  settings.prefix = prefix;
  for (const family of families.values()) {
    family.rename(prefix + family.baseName);
    registry.registerMetric(family);
  }
}

function applySettings(options: MetricsConfiguration): void {
  const { settings, gate } = state;
  if (options.defaultLabels !== undefined) settings.defaultLabels = { ...options.defaultLabels };
  if (options.buckets !== undefined) rebucket([...options.buckets]);
  if (options.processMetrics !== undefined) setProcessMetrics(options.processMetrics);
  if (options.enabled !== undefined) gate.enabled = options.enabled;
  if (options.maxSeriesPerMetric !== undefined) {
    settings.maxSeriesPerMetric = options.maxSeriesPerMetric;
  }
  if (options.exemplar !== undefined) setExemplarFunction(options.exemplar);
  if (options.nativeHistograms !== undefined) {
    configureNativeHistograms(nativeHistogramSettings(options.nativeHistograms));
  }
  if (options.onError !== undefined) {
    settings.onError = options.onError;
    state.reported.clear();
  }
}

function nativeHistogramSettings(
  given: boolean | Partial<NativeHistogramSettings>,
): NativeHistogramSettings | null {
  if (given === false) return null;
  // Not by spreading: a key that is undefined is not named.
  const {
    resolution = DEFAULT_NATIVE_HISTOGRAMS.resolution,
    maxBuckets = DEFAULT_NATIVE_HISTOGRAMS.maxBuckets,
  } = given === true ? {} : given;
  return { resolution, maxBuckets };
}

/** Histograms that name no buckets hold the very array of the settings. */
function rebucket(buckets: readonly number[]): void {
  const before = state.settings.buckets;
  if (before.length === buckets.length && before.every((bound, i) => bound === buckets[i])) return;
  state.settings.buckets = buckets;
  for (const family of state.families.values()) {
    if (family.type !== 'histogram') continue;
    for (const series of family.series()) {
      const cell = series.cell as HistogramCell;
      if (cell.bounds === before) cell.rebucket(buckets);
    }
  }
}

function setProcessMetrics(on: boolean): void {
  state.settings.processMetrics = on;
  const registry = currentRegistry();
  removeProcessMetrics(registry);
  if (on) addProcessMetrics(registry);
}

/** The metrics server switches process metrics on where `configureMetrics` said nothing. */
export function defaultProcessMetrics(): void {
  if (state.settings.processMetrics === null) setProcessMetrics(true);
}

/**
 * Sets every value of this package to 0, for tests. Series stay; a call in flight no longer counts as active. Faults
 * are reported anew.
 *
 * @example
 * ```ts
 * beforeEach(() => resetMetrics());
 * ```
 */
export function resetMetrics(): void {
  for (const family of state.families.values()) family.reset();
  state.reported.clear();
}
