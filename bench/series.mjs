// Fills our registry and prom-client's with histogram series of 14 buckets and the same labels.
import client from 'prom-client';
import { configureMetrics, Timed } from 'thrift-metrics';

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const DEFAULT_LABELS = { env: 'prod', region: 'eu' };

export function tags(count) {
  return Array.from({ length: count }, (_, i) => `tag${i}`);
}

/** Returns a function that observes a call with the value of its label. */
export function createOurs() {
  const registry = new client.Registry();
  configureMetrics({ registry, maxSeriesPerMetric: 1_000_000, defaultLabels: DEFAULT_LABELS });
  class ScrapedHandler {
    run() {}
  }
  const { prototype } = ScrapedHandler;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'run');
  Timed({ labels: { tag: (call) => call.args[0] } })(prototype, 'run', descriptor);
  Object.defineProperty(prototype, 'run', descriptor);
  const handler = new ScrapedHandler();
  return (tag) => handler.run(tag);
}

/** Returns a function that observes a call with the value of its label, and the registry. */
export function createPromClient() {
  const registry = new client.Registry();
  registry.setDefaultLabels(DEFAULT_LABELS);
  const histogram = new client.Histogram({
    name: 'thrift_server_latency_seconds',
    help: 'x',
    labelNames: ['tag', 'thrift_service', 'thrift_method', 'thrift_success'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const labels = { thrift_service: 'Scraped', thrift_method: 'run', thrift_success: 'true' };
  return { registry, observe: (tag) => histogram.observe({ tag, ...labels }, 0.0001) };
}

export function fillOurs(values) {
  const observe = createOurs();
  for (const value of values) observe(value);
  return observe;
}

export function fillPromClient(values) {
  const { registry, observe } = createPromClient();
  for (const value of values) observe(value);
  return registry;
}
