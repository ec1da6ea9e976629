import type { Registry } from 'prom-client';

import type { CellType, Family, Series } from '../../src/metrics/family';

/** A family of this package in a registry. */
export function familyNamed<T extends CellType>(
  registry: Registry,
  name: string,
  type: T,
): Family<T> {
  const found = registry.getSingleMetric(name) as unknown as Family<T> | undefined;
  if (found?.type !== type) throw new Error(`the registry has no ${type} ${name}`);
  return found;
}

/** The only series of a family whose labels include these. */
export function seriesWith<T extends CellType>(
  family: Family<T>,
  labels: Readonly<Record<string, string>>,
): Series<T> {
  const found = [...family.series()].filter((series) =>
    Object.entries(labels).every(([name, value]) => series.labels[name] === value),
  );
  const [series] = found;
  if (series === undefined || found.length > 1) {
    throw new Error(`${found.length} series of ${family.name} match`);
  }
  return series;
}
