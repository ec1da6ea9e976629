import type { Exemplar } from '../metrics/exemplar';
import type { MetricValues, RegistryMetric, Sample } from '../metrics/registry-metric';
import type { FaultSink } from '../recording/guards';
import { LATE, within } from './deadlines';

/** A user's metric, as its `get()` returns it. */
export interface UserMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly (Sample & { readonly exemplar?: UserExemplar | null })[];
}

/** An exemplar in the form of the client library. */
export interface UserExemplar {
  readonly labelSet?: Readonly<Record<string, string | number>>;
  readonly value?: number | null;
  /** Seconds since 1970. */
  readonly timestamp?: number;
}

/** Collects a user's metric. Returns null if that fails or takes longer than `deadline` milliseconds. */
export async function collectMetric(
  faults: FaultSink,
  metric: RegistryMetric,
  deadline: number,
): Promise<MetricValues | null> {
  try {
    const found = await within(metric.get(), deadline);
    if (found === LATE) {
      throw new Error(
        `Metric '${metric.name}' was not collected within ${deadline} ms. ` +
          'It is missing from this scrape. Make its collect function faster, or raise the scrape timeout.',
      );
    }
    return Array.isArray(found.values) ? found : { ...found, values: [] };
  } catch (error) {
    faults.report(`collect:${metric.name}`, error);
    return null;
  }
}

/** Reads an exemplar. The client library has an object without labels while there is no exemplar yet. */
export function readExemplar(exemplar: UserExemplar | null | undefined): Exemplar | null {
  const { labelSet, value, timestamp } = exemplar ?? {};
  if (labelSet === undefined || typeof value !== 'number' || timestamp === undefined) return null;
  const labels = Object.entries(labelSet).map(([name, text]) => [name, String(text)]);
  return { labels: Object.fromEntries(labels) as Exemplar['labels'], value, timestamp };
}
