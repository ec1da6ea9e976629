import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { installSdk, SDK_VERSIONS } from '../../scripts/opentelemetry-sdks.mjs';
import { outputOf } from '../consumers/run';
import { nodes } from '../matrix/install-nodes';

const ROOT = join(__dirname, '../..');
const PROGRAM = join(__dirname, 'programs/collect.mjs');

interface Exported {
  readonly descriptor: { readonly name: string };
  readonly points: readonly (readonly [Readonly<Record<string, string>>, number])[];
}

beforeAll(async () => {
  for (const major of SDK_VERSIONS) {
    // oxlint-disable-next-line no-await-in-loop -- npm locks its cache
    await installSdk(major);
  }
}, 300_000);

test.each(nodes)('every SDK exports the same on Node.js $version', async ({ program }) => {
  const exported = await Promise.all(
    SDK_VERSIONS.map(async (major) => {
      const output = await outputOf(program, [PROGRAM, major], ROOT);
      return JSON.parse(output) as Exported[][][];
    }),
  );
  const [first, ...others] = exported;

  expect(others.length).toBe(1);
  for (const other of others) expect(other).toEqual(first);
  const counts = (producer: number, round: number, name: string) =>
    first?.[producer]?.[round]
      ?.filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ points }) =>
        points.map(([attributes, count]) => [attributes['error.type'], count]),
      );
  expect(counts(1, 0, 'rpc.server.call.duration')).toEqual([
    [undefined, 2],
    ['RangeError', 3],
  ]);
  expect(counts(1, 1, 'rpc.server.call.duration')).toEqual(
    counts(1, 0, 'rpc.server.call.duration'),
  );
  expect(counts(2, 1, 'rpc.server.call.duration')).toEqual([
    [undefined, 4],
    ['RangeError', 6],
  ]);
});
