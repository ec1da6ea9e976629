import Table from 'cli-table3';

import type { CollectedSpan } from './collector.js';

interface Exemplar {
  readonly service: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly traceId: string;
  readonly spanId: string;
  readonly value: string;
}

/** Scrapes a service as Prometheus does, which asks for OpenMetrics, and returns the exemplars of latencies and errors. */
export async function scrapeExemplars(service: string, url: string): Promise<Exemplar[]> {
  const headers = { accept: 'application/openmetrics-text; version=1.0.0' };
  const scraped = await (await fetch(`${url}/metrics`, { headers })).text();
  const lines = scraped.matchAll(
    /^(thrift_server_\w+)\{(.*)\} \S+ # \{trace_id="(\w+)",span_id="(\w+)"\} (\S+)/gm,
  );
  return [...lines].map(([, metric = '', labels = '', traceId = '', spanId = '', value = '']) => ({
    service,
    metric,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', text = '']) => [name, text]),
    ),
    traceId,
    spanId,
    value,
  }));
}

/** Prints which span each exemplar leads to. */
export function printExemplars(
  exemplars: readonly Exemplar[],
  spans: readonly CollectedSpan[],
): void {
  const table = new Table({
    head: ['service', 'series', 'value', 'trace', 'leads to the span'],
    style: { head: [], border: [], compact: true },
  });
  for (const exemplar of exemplars) {
    const { service, metric, labels, traceId, spanId, value } = exemplar;
    const span = spans.find((each) => each.traceId === traceId && each.spanId === spanId);
    const isBucket = labels['le'] !== undefined;
    table.push([
      service,
      `${metric.replace('thrift_server_', '')} ${labels['thrift_method']} ${
        isBucket ? `le=${labels['le']}` : labels['thrift_exception_type']
      }`,
      isBucket ? `${(Number(value) * 1000).toFixed(1)} ms` : value,
      traceId,
      span === undefined ? 'missing' : `${span.name} of ${span.service}`,
    ]);
  }
  console.log(table.toString());
}
