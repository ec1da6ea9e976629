import { DEFAULT_BUCKETS } from '../metrics/catalogue';
import type { MetricsRegistry } from './registry';

/** Told of a fault of metrics code, once per site. `error` is what was thrown, or a coded error that explains. */
export type ErrorHandler = (error: unknown, site: string) => void;

/** What `configureMetrics` sets. */
export interface Settings {
  defaultLabels: Readonly<Record<string, string>>;
  /** Null until it is needed or configured: the client library's global registry. */
  registry: MetricsRegistry | null;
  prefix: string;
  buckets: readonly number[];
  /** Null while nobody has said: the metrics server then switches it on. */
  processMetrics: boolean | null;
  maxSeriesPerMetric: number;
  /** For histograms that do not say; null: classic ones. */
  nativeHistograms: NativeHistogramSettings | null;
  onError: ErrorHandler;
}

/** How fine native histograms are. */
export interface NativeHistogramSettings {
  /** Each factor of two has 2^resolution buckets: whole numbers from -4 to 8. 3, so that buckets grow by 9 %. */
  readonly resolution: number;
  /** Past so many buckets the resolution is halved. 160. */
  readonly maxBuckets: number;
}

/** Both defaults are those that the Prometheus documentation recommends for instrumentation. */
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
    processMetrics: null,
    maxSeriesPerMetric: 2000,
    nativeHistograms: null,
    onError: warnOnConsole,
  };
}
