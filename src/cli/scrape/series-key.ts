import type { Sample } from './parse-sample';

/** One text for each set of labels, in whatever order they stand; without those that are left out. */
export function labelsKey(
  labels: ReadonlyMap<string, string>,
  without: readonly string[] = [],
): string {
  const pairs = [...labels].filter(([name]) => !without.includes(name));
  return JSON.stringify(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function seriesKey({ name, labels }: Sample): string {
  return name + labelsKey(labels);
}
