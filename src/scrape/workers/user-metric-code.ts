import type { MetricValues, RegistryMetric, Sample } from '../../metrics/registry-metric';
import { collectMetric } from '../user-metrics';
import type { FaultSink } from '../../recording/call-labels';
import { encodeNumber, type NumberCode } from './cell-code';
import type { RegistryContents } from '../contents';

/** About how many samples a chunk has. */
const CHUNK = 200;

type SampleCode = Omit<Sample, 'value'> & { readonly value: NumberCode };
type UserMetricCode = Omit<MetricValues, 'values'> & { readonly values: readonly SampleCode[] };

/** What the metrics of the program that are wanted have within `deadline` milliseconds, as it can be summed. */
export async function collectUserMetrics(
  faults: FaultSink,
  { userMetrics, defaultLabels }: RegistryContents,
  deadline: number,
  isWanted: (metric: RegistryMetric) => boolean = () => true,
): Promise<MetricValues[]> {
  const wanted = userMetrics.filter(isWanted);
  const found = await Promise.all(wanted.map((metric) => collectMetric(faults, metric, deadline)));
  return found
    .filter((metric) => metric !== null)
    .map(({ name, help, type, aggregator, values }) => ({
      name,
      help,
      type,
      aggregator,
      values: values.filter(isSummable).map(({ labels, value, metricName }) => ({
        labels: { ...defaultLabels, ...labels },
        value,
        ...(metricName !== undefined && { metricName }),
      })),
    }));
}

/** The quantile of a whole cannot be told from those of its parts. */
function isSummable({ labels }: Sample): boolean {
  return labels['quantile'] === undefined;
}

/** As bodies of messages, several metrics in one where they are small. */
export function* encodeUserMetrics(metrics: readonly MetricValues[]): Generator<string> {
  let chunk: UserMetricCode[] = [];
  let size = 0;
  for (const metric of metrics) {
    const values = metric.values.map((sample) => ({
      ...sample,
      value: encodeNumber(sample.value),
    }));
    chunk.push({ ...metric, values });
    size += values.length;
    if (size < CHUNK) continue;
    yield JSON.stringify(chunk);
    chunk = [];
    size = 0;
  }
  if (chunk.length > 0) yield JSON.stringify(chunk);
}

/** Metrics as they were sent. What cannot be read is left out and reported. */
export function readUserMetrics(faults: FaultSink, body: string): MetricValues[] {
  try {
    const metrics: unknown = JSON.parse(body);
    if (!Array.isArray(metrics) || !metrics.every(isMetric)) throw new TypeError('no metrics');
    return metrics.map(decode);
  } catch (error) {
    faults.report('worker', error);
    return [];
  }
}

function decode(metric: UserMetricCode): MetricValues {
  const values = metric.values.map((sample) => ({ ...sample, value: Number(sample.value) }));
  return { ...metric, values };
}

function isMetric(value: unknown): value is UserMetricCode {
  if (typeof value !== 'object' || value === null) return false;
  const { name, help, type, aggregator, values } = value as Record<string, unknown>;
  return (
    [name, help, type, aggregator].every((text) => typeof text === 'string') &&
    Array.isArray(values) &&
    values.every(isSample)
  );
}

function isSample(value: unknown): value is SampleCode {
  const { labels } = (value ?? {}) as { labels?: unknown };
  return typeof labels === 'object' && labels !== null;
}
