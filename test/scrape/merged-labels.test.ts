import { expect, it } from 'vitest';

import { CounterCell } from '../../src/metrics/cell';
import { StoredSeries } from '../../src/metrics/family';
import { LabelNames } from '../../src/metrics/label-names';
import { labelText } from '../../src/metrics/labels';
import { MergedLabels } from '../../src/scrape/merged-labels';

type Labels = Readonly<Record<string, string>>;

const seriesOf = (labels: Labels) =>
  new StoredSeries(labelText(labels), new CounterCell(), { location: 'a test' });

it.each<[string, Labels, Labels, string]>([
  ['follow those of the series', { op: 'a' }, { env: 'prod' }, 'op="a",env="prod"'],
  ['are the only ones of a series without labels', {}, { env: 'prod' }, 'env="prod"'],
  ['can be missing', { op: 'a' }, {}, 'op="a"'],
  ['can be missing for a series without labels', {}, {}, ''],
  ['are escaped', { op: 'a' }, { env: '"\n' }, 'op="a",env="\\"\\n"'],
  [
    'give way to those that the series sets itself',
    { env: 'own', op: 'a' },
    { region: 'eu', env: 'prod', op: 'b', zone: '1' },
    'env="own",op="a",region="eu",zone="1"',
  ],
  ['can all give way', { op: 'a' }, { op: 'b' }, 'op="a"'],
])('default labels %s', (_how, labels, defaultLabels, text) => {
  expect(new MergedLabels(defaultLabels).of(seriesOf(labels))).toBe(text);
});

it('built-in labels have the names that readers want, and default labels of these names give way', () => {
  const names = new LabelNames({ thrift_service: 'service' });
  const merged = new MergedLabels({ service: 'default', env: 'prod' }, names);
  const series = seriesOf({ thrift_method: 'add', thrift_service: 'Calculator' });
  expect(merged.of(series)).toBe('thrift_method="add",service="Calculator",env="prod"');
});
