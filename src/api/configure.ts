import { checkObjectives } from '../declaration/objective-check';
import { LabelNames } from '../metrics/label-names';
import { MAX_RESOLUTION, MIN_RESOLUTION } from '../metrics/native-buckets';
import { type ExemplarFunction, setExemplarFunction } from '../runtime/exemplars';
import { isMetricsRegistry, type MetricsRegistry } from '../runtime/metrics-registry';
import { processEventsOf } from '../runtime/process-events';
import { currentRuntime, definePart, type Runtime } from '../runtime/runtime';
import { Policy } from '../runtime/policy';
import { reportUnmatchedLater } from '../runtime/unmatched-rules';
import {
  DEFAULT_NATIVE_HISTOGRAMS,
  type ErrorHandler,
  type NativeHistogramSettings,
  type Settings,
} from '../runtime/settings';
import {
  checkOptionTable,
  isBoolean,
  isFunction,
  isPositiveInteger,
  isPositiveSeconds,
  mustBe,
  type OptionTable,
} from '../validation/checks';
import { checkBuckets, checkConstantLabels, checkPrefix } from '../validation/metric-checks';
import { applyCalls, type CallsOptions, checkCallsOption } from './calls-option';
import { checkRules, compileRules, type MetricRule } from './rules-option';
import { checkDefaultLabels, checkLabelNamesOption } from './label-names-option';

/** Options of {@link configureMetrics}. A call changes only the options that it names. */
export interface MetricsConfiguration {
  /**
   * Labels of every series of this package, and of every other series in the registry until another library sets the default
   * labels of the registry. A label of the series itself takes precedence. Replaces the default labels of an earlier call.
   *
   * @default no labels
   */
  defaultLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * The registry that contains the metrics. Existing metrics move there.
   *
   * @default the global registry of the client library
   */
  registry?: MetricsRegistry | undefined;
  /**
   * Prefix of every metric name of this package, including existing metrics.
   *
   * @default ''
   */
  prefix?: string | undefined;
  /**
   * Upper bounds of histograms that do not set `buckets`, in seconds. A change sets these histograms to 0.
   *
   * @default [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
   */
  buckets?: readonly number[] | undefined;
  /**
   * Whether the registry contains the client library's metrics of the process and of Node.js.
   *
   * @default true once a metrics server has started, otherwise false
   */
  processMetrics?: boolean | undefined;
  /**
   * Whether calls are recorded. With `false`, decorated methods only run the original method, at the cost of one branch.
   *
   * @default true
   */
  enabled?: boolean | undefined;
  /**
   * Maximum number of series of one metric. New label combinations above it share one series with the value `_other`.
   *
   * @default 2000
   */
  maxSeriesPerMetric?: number | undefined;
  /**
   * Seconds after which a series is removed if nothing was recorded in it and its labels depend on calls: functions in
   * `labels`, types of errors, callers. It starts again at 0 when its labels return. At least ten scrape intervals are a good
   * choice. `null` keeps every series.
   *
   * @default null
   */
  expireAfter?: number | null | undefined;
  /**
   * Returns the labels of an exemplar, such as a trace id, when a latency or an error is recorded. OpenMetrics and
   * protobuf show exemplars. `null` disables them.
   *
   * @default null
   */
  exemplar?: ExemplarFunction | null | undefined;
  /**
   * Adds native buckets to every `Timed` that does not set `native` itself. A change sets these histograms to 0.
   *
   * @default false
   */
  nativeHistograms?: boolean | Partial<NativeHistogramSettings> | undefined;
  /**
   * Whether the live page shows the latest message and stack of each type of error, and `/-/calls` those of the latest failed
   * calls, where not everyone can read them. `false` reads no error. A function redacts: it gets a message or a stack and
   * returns what may be kept. A change forgets what was kept.
   *
   * @default true
   */
  errorDetails?: boolean | ((text: string) => string) | undefined;
  /**
   * Receives the first fault of metrics code at each site.
   *
   * @default console.warn
   */
  onError?: ErrorHandler | undefined;
  /**
   * Own names of built-in labels, such as `{ thrift_service: 'service' }`, on all metrics of this package. Replaces the names
   * of an earlier call; `{}` goes back to the built-in names. No value changes.
   *
   * @default every label has its built-in name
   */
  labelNames?: Readonly<Record<string, string>> | undefined;
  /**
   * Rules of the operator for metrics and methods, by patterns. Replaces the rules of an earlier call. Counts stay, except
   * where buckets change; series that were excluded start at 0 when they are shown again.
   *
   * @default no rules
   */
  rules?: readonly MetricRule[] | undefined;
  /**
   * Whether servers count their calls by caller, and clients name their caller in every request. With `false`, neither.
   *
   * @default counts the callers that requests name, and names the caller only in requests that carry a trace context
   */
  callers?: boolean | undefined;
  /**
   * The name under which this program calls others.
   *
   * @default `OTEL_SERVICE_NAME`, or else the only service that the program serves, or else the `name` of each client
   */
  callerName?: string | undefined;
  /**
   * What `GET /-/calls` and the live page show of single calls: those in progress, and the latest slow and failed ones.
   * `false` keeps nothing of any call.
   *
   * @default true
   */
  calls?: boolean | CallsOptions | undefined;
}

const WHERE = 'configureMetrics';

/** Labels that the text format sets. */
const FORMAT_LABELS = ['le', 'quantile'] as const;

const isCallerName = (value: unknown): boolean =>
  typeof value === 'string' && /^\P{Cc}{1,256}$/u.test(value);

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
  expireAfter: mustBe(
    (value: unknown) => value === null || isPositiveSeconds(value),
    'a number of seconds above 0, or null',
  ),
  exemplar: mustBe(
    (value: unknown) => value === null || typeof value === 'function',
    'a function or null',
  ),
  nativeHistograms: (where, name, value) => {
    if (typeof value === 'boolean') return;
    checkOptionTable(`${where}: ${name}`, value, NATIVE_HISTOGRAM_OPTIONS);
  },
  errorDetails: mustBe(
    (value: unknown) => isBoolean(value) || isFunction(value),
    'true, false or a function',
  ),
  onError: mustBe(isFunction, 'a function'),
  labelNames: checkLabelNamesOption,
  rules: checkRules,
  callers: mustBe(isBoolean, 'true or false'),
  callerName: mustBe(
    isCallerName,
    "a name of up to 256 characters, none of them a control character, such as 'checkout'",
  ),
  calls: checkCallsOption,
};

/**
 * Sets options for all metrics of the process. It can be called any number of times, before and after handler classes are
 * imported.
 *
 * @throws {@link ThriftMetricsError} if an option is not valid. Nothing changes in that case.
 *
 * @example
 * ```ts
 * configureMetrics({ defaultLabels: { env: 'prod', region: 'eu' } });
 * ```
 */
export function configureMetrics(options: MetricsConfiguration): void {
  const runtime = currentRuntime();
  checkOptionTable(WHERE, options, OPTIONS);
  const naming = checkFit(runtime, WHERE, options);
  const { families, settings } = runtime;
  if (options.registry === undefined) families.checkLibraries();
  const registry = options.registry ?? runtime.registry.target();
  const prefix = options.prefix ?? settings.prefix;
  families.checkNamesAreFree(registry, prefix, { location: WHERE });
  // Everything that can fail was checked above.
  if (options.registry !== undefined) settings.registry = registry;
  families.move(registry, prefix);
  apply(runtime, options, naming);
  runtime.registry.setDefaultLabels(registry, settings.defaultLabels);
  remember(runtime, options);
  recordEvent(runtime, options);
}

/** Notes the call, for charts to mark it. Switching the recording on or off is an event of its own. */
function recordEvent(runtime: Runtime, options: MetricsConfiguration): void {
  const names = Object.entries(options)
    .filter(([name, value]) => value !== undefined && name !== 'enabled')
    .map(([name]) => name);
  if (names.length === 0) return;
  processEventsOf(runtime).record('configured', `configureMetrics: ${names.join(', ')}`);
}

/** The settings that decide how metrics are named and which of them exist. */
interface Naming {
  readonly policy: Policy;
  readonly labelNames: LabelNames;
}

/**
 * Checks options against the other options and what the program has declared. Names of metrics are checked against the
 * registry elsewhere.
 *
 * @returns the rules and label names with these options
 */
function checkFit(runtime: Runtime, where: string, options: MetricsConfiguration): Naming {
  const { settings } = runtime;
  const naming = namingWith(settings, where, options);
  const { buckets = settings.buckets, defaultLabels = settings.defaultLabels } = options;
  if (options.buckets !== undefined || options.rules !== undefined) {
    checkObjectives(runtime, buckets, naming.policy);
  }
  checkDefaultLabels(where, naming.labelNames, defaultLabels);
  runtime.userLabels.checkNames(naming.labelNames, where);
  return naming;
}

function namingWith(
  settings: Settings,
  where: string,
  { rules, labelNames }: Pick<MetricsConfiguration, 'rules' | 'labelNames'>,
): Naming {
  return {
    policy:
      rules === undefined ? settings.policy : new Policy(compileRules(rules, where), settings),
    labelNames: labelNames === undefined ? settings.labelNames : new LabelNames({ ...labelNames }),
  };
}

/** The options whose default depends on the program, so that no value of the option stands for it. */
type Dependent = 'processMetrics' | 'callers' | 'callerName';

/** Options that were set outside the program. Null means the default. */
export type OutsideOptions = Omit<MetricsConfiguration, Dependent> & {
  [Name in Dependent]?: MetricsConfiguration[Name] | null;
};

const programOptionsIn = definePart(
  'api.programOptions',
  (): { readonly options: MetricsConfiguration } => ({ options: {} }),
);

/** The options that the program itself has set with {@link configureMetrics}. */
export function programOptionsOf(runtime: Runtime): Readonly<MetricsConfiguration> {
  return programOptionsIn(runtime).options;
}

function remember(runtime: Runtime, options: MetricsConfiguration): void {
  const named = Object.entries(options).filter(([, value]) => value !== undefined);
  Object.assign(programOptionsIn(runtime).options, Object.fromEntries(named));
}

/**
 * Checks the value of an option that was set outside the program. `where` begins the message and says where.
 *
 * @throws {@link ThriftMetricsError} if it is not valid.
 */
export function checkOutsideOption(where: string, option: string, value: unknown): void {
  checkOptionTable<MetricsConfiguration>(where, { [option]: value }, OPTIONS);
}

/**
 * Checks whether options that {@link checkOutsideOption} accepts fit together. `where` begins each message.
 *
 * @throws {@link ThriftMetricsError} if they do not, or do not fit what the program has declared.
 */
export function checkOutsideOptions(
  runtime: Runtime,
  where: string,
  options: MetricsConfiguration,
): void {
  checkFit(runtime, where, options);
  if (options.prefix !== undefined && runtime.registry.isSettled()) {
    const registry = runtime.registry.current();
    runtime.families.checkNamesAreFree(registry, options.prefix, { location: where });
  }
}

/**
 * Applies options that {@link checkOutsideOption} and {@link checkOutsideOptions} accept. Does not load the client library: until something needs it, the
 * options only wait in the settings.
 */
export function applyOutsideOptions(
  runtime: Runtime,
  where: string,
  options: OutsideOptions,
): void {
  const { families, registry, settings } = runtime;
  if (options.prefix !== undefined) {
    if (registry.isSettled()) families.move(registry.current(), options.prefix);
    else settings.prefix = options.prefix;
  }
  apply(runtime, options, namingWith(settings, where, options));
  if (options.defaultLabels !== undefined && registry.isSettled()) {
    registry.setDefaultLabels(registry.current(), settings.defaultLabels);
  }
}

function apply(runtime: Runtime, options: OutsideOptions, { policy, labelNames }: Naming): void {
  const { settings, gate, families, faults } = runtime;
  settings.labelNames = labelNames;
  if (options.labelNames !== undefined) settings.withdraw.labelNames = null;
  settings.policy.forget();
  policy.forget();
  if (options.defaultLabels !== undefined) settings.defaultLabels = { ...options.defaultLabels };
  if (options.buckets !== undefined) {
    families.setDefaultBuckets([...options.buckets]);
    settings.withdraw.buckets = null;
  }
  if (options.processMetrics !== undefined) {
    runtime.registry.setProcessMetrics(options.processMetrics);
  }
  if (options.enabled !== undefined && options.enabled !== gate.enabled) {
    gate.set(options.enabled);
    if (options.enabled) processEventsOf(runtime).record('recording-on', 'recording switched on');
    else processEventsOf(runtime).record('recording-off', 'recording switched off');
  }
  if (options.maxSeriesPerMetric !== undefined) {
    settings.maxSeriesPerMetric = options.maxSeriesPerMetric;
  }
  if (options.expireAfter !== undefined) {
    settings.expireAfter = options.expireAfter;
    runtime.idleSeries.configure(options.expireAfter);
  }
  if (options.exemplar !== undefined) {
    setExemplarFunction(runtime.exemplars, options.exemplar, faults);
    families.applyExemplars();
  }
  if (options.nativeHistograms !== undefined) {
    families.setNativeHistograms(nativeHistogramSettings(options.nativeHistograms));
  }
  if (options.errorDetails !== undefined) {
    runtime.errors.configure(options.errorDetails);
    families.forgetSamples();
    runtime.keptCalls.forget();
  }
  if (options.onError !== undefined) {
    settings.onError = options.onError;
    faults.forget();
  }
  if (options.calls !== undefined) applyCalls(runtime, options.calls);
  // Rules are applied again even if they are the same: their patterns can match the prefix, and they can name a label by its
  // own name, both of which may have changed.
  if (!settings.policy.isEmpty || policy !== settings.policy) families.setPolicy(policy);
  if (options.callerName !== undefined) settings.callerName = options.callerName;
  if (options.callers !== undefined) {
    settings.callers = options.callers;
    for (const run of families.whenCallersChange) run();
  }
  if (options.rules !== undefined) reportUnmatchedLater(settings, faults);
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
 * Sets every value of this package to 0, for tests. Series stay. Calls in progress no longer count as active, and no calls
 * are kept. Every site reports its next fault again.
 *
 * @example
 * ```ts
 * beforeEach(() => resetMetrics());
 * ```
 */
export function resetMetrics(): void {
  const { families, faults, keptCalls } = currentRuntime();
  for (const family of families) family.reset();
  keptCalls.forget();
  faults.forget();
}
