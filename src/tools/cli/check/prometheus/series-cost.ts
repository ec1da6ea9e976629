import { finding, type Finding } from '../check-rules';
import { minutesAgo } from './live-state';
import type { PrometheusApi } from './prometheus-api';

/** Finds metrics with too many series in one process. The series of a histogram count as one. */
export async function lintCost(
  api: PrometheusApi,
  names: readonly string[],
  maxSeries: number,
): Promise<Finding[]> {
  const found = await Promise.all(
    names.map(async (name): Promise<Finding[]> => {
      const counts = await api.ask(`max(count by (job, instance) (${name}))`);
      const series = Number(counts[0]?.value?.[1] ?? 0);
      if (series <= maxSeries) return [];
      const match = encodeURIComponent(`{__name__="${name}"}`);
      const labels =
        (await api.read<string[]>(`labels?match[]=${match}&start=${minutesAgo(5)}`)) ?? [];
      const values = await Promise.all(
        labels
          .filter((label) => !NOT_VARIED.has(label))
          .map(async (label) => {
            const counted = await api.ask(`count(count by (${label}) (${name}))`);
            return { label, count: Number(counted[0]?.value?.[1] ?? 0) };
          }),
      );
      const [most] = values.toSorted((a, b) => b.count - a.count);
      const cause =
        most === undefined ? '' : `; label '${most.label}' has the most values (${most.count})`;
      const text = `${series} series in one process, more than ${maxSeries}${cause}; reduce its values, or lower maxSeriesPerMetric`;
      return [finding('cardinality', name, text)];
    }),
  );
  return found.flat();
}

const NOT_VARIED: ReadonlySet<string> = new Set(['__name__', 'job', 'instance']);
