/** One value in the form that the client library's `get()` returns. */
export interface Sample {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

/** The values of a metric in the form that the client library reads. */
export interface MetricValues {
  name: string;
  help: string;
  type: string;
  aggregator: string;
  values: Sample[];
}

/** The part of a metric that the registries of prom-client 15 and @prometheus-io/client 0.16 use. */
export interface RegistryMetric {
  name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  get(): MetricValues | Promise<MetricValues>;
  reset(): void;
}
