import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { runProgram } from '../support/start-program';
import { parseText, type Sample } from '../support/text-format';
import { extractBlocks } from './extract';

const PAGE = 'docs/how-to/from-prom-client';
const NAMES = ['requests_total', 'errors_total', 'request_seconds_count', 'active_requests'];

let folder = '';

beforeAll(() => {
  ({ folder } = extractBlocks('from-prom-client', [`${PAGE}.md`]));
});

/** Samples in the registry of prom-client after calls of a handler of the page, one of which fails. */
async function samplesAfterCalls(module: string, first = ''): Promise<Sample[]> {
  const caller = join(__dirname, 'programs/call-divide.cjs');
  const files = [first, module].filter(Boolean).map((name) => join(folder, PAGE, name));
  const { code, stdout, stderr } = await runProgram(process.execPath, [
    '--import=tsx',
    caller,
    ...files,
  ]);
  if (code !== 0) throw new Error(stderr);
  return parseText(stdout);
}

const sumOver = (samples: readonly Sample[], name: string): number =>
  samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);

const countsOf = (samples: readonly Sample[], prefix: string): Record<string, number> =>
  Object.fromEntries(NAMES.map((name) => [name, sumOver(samples, `${prefix}${name}`)]));

const COUNTED = {
  requests_total: 3,
  errors_total: 1,
  request_seconds_count: 3,
  active_requests: 0,
};

test('metrics by hand, both together, and decorators under the old names record the same counts', async () => {
  for (const module of ['by-hand.ts', 'both.ts', 'after.ts']) {
    const samples = await samplesAfterCalls(module);
    expect({ module, ...countsOf(samples, 'myapp_') }).toEqual({ module, ...COUNTED });
  }
  const both = await samplesAfterCalls('both.ts');
  expect(sumOver(both, 'thrift_server_requests_total')).toBe(COUNTED.requests_total);
});

test('the decorated handler has the labels, help texts and buckets of the metrics by hand', async () => {
  const byHand = await samplesAfterCalls('by-hand.ts');
  const after = await samplesAfterCalls('after.ts');
  for (const { name, labels } of byHand.filter((sample) => sample.name.startsWith('myapp_'))) {
    const same = after.filter(
      (sample) =>
        sample.name === name &&
        [...labels].every(([label, value]) => sample.labels.get(label) === value),
    );
    expect({ name, labels: [...labels], found: same.length > 0 }).toMatchObject({ found: true });
  }
  const read = (file: string) => readFileSync(join(folder, PAGE, file), 'utf8');
  const helpIn = (text: string) => text.match(/help: '[^']+'/g)?.toSorted();
  expect(helpIn(read('after.ts'))).toEqual(helpIn(read('metrics.ts')));
});

test('a metric name cannot be registered both by hand and by a decorator', async () => {
  await expect(samplesAfterCalls('after.ts', 'by-hand.ts')).rejects.toThrow(/TM_ERR_NAME_TAKEN/);
  await expect(samplesAfterCalls('by-hand.ts', 'after.ts')).rejects.toThrow(
    /already been registered/,
  );
});
