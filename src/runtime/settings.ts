import { DEFAULT_BUCKETS } from '../metrics/catalogue';
import { BUILT_IN_NAMES, type LabelNames } from '../metrics/label-names';
import { Policy } from './policy';
import type { MetricsRegistry } from './metrics-registry';

/**
 * Receives the first fault of metrics code at each site. `error` is the thrown value, or a coded error that explains the
 * fault.
 */
export type ErrorHandler = (error: unknown, site: string) => void;

/** The settings of `configureMetrics`. */
export interface Settings {
  defaultLabels: Readonly<Record<string, string>>;
  /** Null until it is configured. Until then, it is the global registry of the client library. */
  registry: MetricsRegistry | null;
  prefix: string;
  buckets: readonly number[];
  /**
   * Functions that take back an option that was set outside the program and does not fit what the program declares, and report
   * that. Null if the program has set the option itself, or the option is not set.
   */
  readonly withdraw: Record<'buckets' | 'labelNames', ((reason: unknown) => void) | null>;
  /** Null until it is configured. The metrics server switches process metrics on while it is null. */
  processMetrics: boolean | null;
  maxSeriesPerMetric: number;
  /** Seconds after which a series of calls that is idle is removed, or null if series stay. */
  expireAfter: number | null;
  /** For histograms that do not set `native`. Null makes them classic. */
  nativeHistograms: NativeHistogramSettings | null;
  onError: ErrorHandler;
  /** The names under which readers see the built-in labels. */
  labelNames: LabelNames;
  /** The rules of the operator. */
  policy: Policy;
  /**
   * Whether calls are counted by caller and clients name their caller. Null counts the callers that requests name, and
   * names the caller only in requests that carry a trace context.
   */
  callers: boolean | null;
  /** The name that clients send. Null if each client has its own, or the name of the program. */
  callerName: string | null;
}

/** The resolution of native histograms. */
export interface NativeHistogramSettings {
  /**
   * Each factor of two has 2^resolution buckets: a whole number from -4 to 8. With 3, each bucket is 9 % wider than the last.
   *
   * @default 3
   */
  readonly resolution: number;
  /**
   * Maximum number of buckets. A histogram that exceeds it halves its resolution.
   *
   * @default 160
   */
  readonly maxBuckets: number;
}

/** The values that the Prometheus documentation recommends for instrumentation. */
export const DEFAULT_NATIVE_HISTOGRAMS: NativeHistogramSettings = {
  resolution: 3,
  maxBuckets: 160,
};

export const warnOnConsole: ErrorHandler = (error, site) => {
  console.warn(`thrift-metrics: ${site}:`, error);
};

export function defaultSettings(): Settings {
  const settings: Omit<Settings, 'policy'> = {
    defaultLabels: {},
    registry: null,
    prefix: '',
    buckets: DEFAULT_BUCKETS,
    withdraw: { buckets: null, labelNames: null },
    processMetrics: null,
    maxSeriesPerMetric: 2000,
    expireAfter: null,
    nativeHistograms: null,
    onError: warnOnConsole,
    labelNames: BUILT_IN_NAMES,
    callers: null,
    callerName: null,
  };
  return Object.assign(settings, { policy: new Policy([], settings) });
}
