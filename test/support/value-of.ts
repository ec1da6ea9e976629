import type { Registry } from 'prom-client';

type Labels = Readonly<Record<string, string | number>>;

interface JsonSample {
  value: number;
  labels: Labels;
  metricName?: string;
}

/** All samples of a registry with the names they are exposed under, read by the client library, not by this package. */
export async function samplesOf(
  registry: Registry,
): Promise<{ name: string; labels: Labels; value: number }[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.flatMap(({ name, values }) =>
    (values as unknown as JsonSample[]).map(({ metricName, labels, value }) => ({
      name: metricName ?? name,
      labels,
      value,
    })),
  );
}

/** The value of the only sample whose labels include these; undefined when there is none. */
export async function valueOf(
  registry: Registry,
  name: string,
  labels: Labels = {},
): Promise<number | undefined> {
  const found = (await samplesOf(registry)).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} series of ${name} match`);
  return found[0]?.value;
}
