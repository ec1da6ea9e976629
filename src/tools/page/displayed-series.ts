import type { Family, FamilyView, Series } from '../../metrics/family';

/** The series of each family. The series of this process have every label, also one that a rule drops. */
export function* seriesOf(
  sums: readonly FamilyView[] | null,
  families: Iterable<Family>,
): Generator<[FamilyView, Iterable<Series>]> {
  if (sums === null) for (const family of families) yield [family, family.series()];
  else for (const family of sums) yield [family, family.shown()];
}
