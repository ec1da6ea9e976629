import { DEFAULT_BUCKETS } from '../catalogue';
import type { MetricsRegistry } from './metrics-registry';

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
  onError: ErrorHandler;
}

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
    onError: warnOnConsole,
  };
}
