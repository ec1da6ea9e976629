import type { MetricValues, Sample } from '../../metrics/registry-metric';
import type { FaultSink } from '../../recording/guards';
import { type EncodedNumber, encodeNumber } from './encoded-cell';

/** Approximate number of samples in a chunk. */
const CHUNK_SAMPLES = 200;

type EncodedSample = Omit<Sample, 'value'> & { readonly value: EncodedNumber };
type EncodedUserMetric = Omit<MetricValues, 'values'> & {
  readonly values: readonly EncodedSample[];
};

/**
 * Encodes metrics as bodies of messages. Small metrics share a body. A large one is in several, as if several workers had a
 * part of its series each.
 */
export function* encodeUserMetrics(metrics: readonly MetricValues[]): Generator<string> {
  let chunk: EncodedUserMetric[] = [];
  let samples = 0;
  for (const metric of metrics) {
    let from = 0;
    do {
      const slice = metric.values.slice(from, from + CHUNK_SAMPLES);
      const values = slice.map((sample) => ({ ...sample, value: encodeNumber(sample.value) }));
      chunk.push({ ...metric, values });
      from += CHUNK_SAMPLES;
      samples += values.length;
      if (samples < CHUNK_SAMPLES) continue;
      yield JSON.stringify(chunk);
      chunk = [];
      samples = 0;
    } while (from < metric.values.length);
  }
  if (chunk.length > 0) yield JSON.stringify(chunk);
}

/** Decodes the body of a message. A malformed body is reported, and returns no metrics. */
export function decodeUserMetrics(faults: FaultSink, body: string): MetricValues[] {
  try {
    const metrics: unknown = JSON.parse(body);
    if (!Array.isArray(metrics) || !metrics.every(isEncodedMetric)) {
      throw new TypeError(
        "A worker sent user's metrics that cannot be read, so the sum lacks them. Use one version of thrift-metrics in all processes.",
      );
    }
    return metrics.map(decode);
  } catch (error) {
    faults.report('worker', error);
    return [];
  }
}

function decode(metric: EncodedUserMetric): MetricValues {
  const values = metric.values.map((sample) => ({ ...sample, value: Number(sample.value) }));
  return { ...metric, values };
}

function isEncodedMetric(value: unknown): value is EncodedUserMetric {
  if (typeof value !== 'object' || value === null) return false;
  const { name, help, type, aggregator, values } = value as Record<string, unknown>;
  return (
    [name, help, type, aggregator].every((text) => typeof text === 'string') &&
    Array.isArray(values) &&
    values.every(isEncodedSample)
  );
}

function isEncodedSample(value: unknown): value is EncodedSample {
  const { labels } = (value ?? {}) as { labels?: unknown };
  return typeof labels === 'object' && labels !== null;
}
