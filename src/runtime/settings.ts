import { DEFAULT_BUCKETS } from '../metrics/catalogue';
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
   * Takes back buckets that were set outside the program, because they lack the bound of an objective, and says so. Null if
   * the program itself has set them, or nobody has.
   */
  withdrawBuckets: ((reason: unknown) => void) | null;
  /** Null until it is configured. The metrics server switches process metrics on while it is null. */
  processMetrics: boolean | null;
  maxSeriesPerMetric: number;
  /** For histograms that do not set `native`. Null makes them classic. */
  nativeHistograms: NativeHistogramSettings | null;
  onError: ErrorHandler;
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
  return {
    defaultLabels: {},
    registry: null,
    prefix: '',
    buckets: DEFAULT_BUCKETS,
    withdrawBuckets: null,
    processMetrics: null,
    maxSeriesPerMetric: 2000,
    nativeHistograms: null,
    onError: warnOnConsole,
  };
}
