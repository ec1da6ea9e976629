import { expect, onTestFinished, test } from 'vitest';

import { CATALOGUE, type CatalogueEntry, LABEL } from '../../src/metrics/catalogue';
import { renderMetrics, startMetricsServer } from '../../src/index';
import { parseText, type Sample } from '../support/text-format';
import { provokeEverything } from './provoke';

const ENTRIES: readonly CatalogueEntry[] = Object.values(CATALOGUE);

/** The suffixes that the text format adds to a histogram's name, and the label that only buckets have. */
const SUFFIX = /_(?:bucket|sum|count)$/;
const BUCKET_LABEL = 'le';

test('a scrape of a program that uses every feature shows exactly the metrics of the catalogue', async () => {
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  await provokeEverything();
  const response = await fetch(`${server.url}/metrics`);
  const samples = parseText(await response.text()).filter(({ name }) => name.startsWith('thrift_'));

  const types = new Map(ENTRIES.map(({ name, type }) => [name, type]));
  const familyOf = ({ name }: Sample): string => {
    const family = name.replace(SUFFIX, '');
    return types.get(family) === 'histogram' ? family : name;
  };
  const found = new Map<string, { labels: Set<string>; isProvoked: boolean }>();
  for (const sample of samples) {
    const family = familyOf(sample);
    const entry = found.get(family) ?? { labels: new Set(), isProvoked: false };
    for (const label of sample.labels.keys()) if (label !== BUCKET_LABEL) entry.labels.add(label);
    if (sample.value > 0) entry.isProvoked = true;
    found.set(family, entry);
  }
  const described = ENTRIES.map(({ name, labels }) => ({
    name,
    // Shown only while labels have names of their own.
    labels: labels.filter((label) => label !== LABEL.labelNames).toSorted(),
    isProvoked: true,
  }));
  expect(
    [...found]
      .map(([name, { labels, isProvoked }]) => ({
        name,
        labels: [...labels].toSorted(),
        isProvoked,
      }))
      .toSorted(byName),
  ).toEqual(described.toSorted(byName));
});

test('every metric has the help and type of the catalogue', async () => {
  const text = (await renderMetrics()).body.toString();
  for (const { name, type, help } of ENTRIES) {
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }
});

function byName(left: { name: string }, right: { name: string }): number {
  return left.name < right.name ? -1 : 1;
}
