/** One value as the client library's `get()` returns it. */
export interface Sample {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

/** What the client library reads from a metric. */
export interface MetricValues {
  name: string;
  help: string;
  type: string;
  aggregator: string;
  values: Sample[];
}

/** The part of a metric that a registry of prom-client 15 or of @prometheus-io/client 0.16 relies on. */
export interface RegistryMetric {
  name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  get(): MetricValues | Promise<MetricValues>;
  reset(): void;
}
