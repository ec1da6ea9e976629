import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv from 'ajv';
import { expect, test } from 'vitest';

import { createFileSchema } from '../../src/configuration/file-schema';
import { SETTINGS } from '../../src/configuration/settings-table';
import { serverDefaultsOf } from '../../src/endpoint/server-defaults';
import { configureMetrics, startMetricsServer } from '../../src/index';
import { currentRuntime } from '../../src/runtime/runtime';
import { configurations, whereIs } from '../docs/blocks';
import { root, rowsOf } from '../docs/markdown';
import { errorOf } from '../support/error-of';

const PAGE = 'docs/reference/settings.md';

/** Options that are not data. */
const CODE_ONLY = new Set(['registry', 'exemplar', 'onError']);

const optionsIn = (message: string): string[] =>
  /Allowed options: (.*)\.$/.exec(message)?.[1]?.split(', ') ?? [];

const optionsOf = (...targets: string[]): string[] =>
  SETTINGS.filter(({ target }) => targets.includes(target)).map(({ option }) => option);

test('every option of configureMetrics that is data has a setting', () => {
  const { message } = errorOf(() => configureMetrics({ noSuchOption: 1 } as never));
  const options = optionsIn(message).filter((option) => !CODE_ONLY.has(option));
  expect(optionsOf('metrics').toSorted()).toEqual(options.toSorted());
});

test('every option of startMetricsServer has a setting', async () => {
  const error: unknown = await startMetricsServer({ noSuchOption: 1 } as never).catch(
    (reason: unknown) => reason,
  );
  const options = optionsIn((error as Error).message);
  expect(options.filter((option) => option !== 'auth' && option !== 'tls').toSorted()).toEqual(
    optionsOf('server').toSorted(),
  );
  expect(optionsOf('auth')).not.toEqual([]);
  expect(optionsOf('tls')).not.toEqual([]);
  expect(serverDefaultsOf(currentRuntime()).ofProgram).toBe(null);
});

test('no two settings have the same variable or key', () => {
  const names = SETTINGS.flatMap(({ variable, alias = [] }) => [variable, alias].flat());
  const keys = SETTINGS.flatMap(({ key }) => key ?? []);
  for (const all of [names, keys]) expect(new Set(all).size).toBe(all.length);
});

test('docs/reference/settings.md lists the settings', () => {
  const rows = rowsOf(PAGE, 'variable', 'option');
  const dash = '–';
  expect(rows).toEqual(
    SETTINGS.map(({ target, option, variable, key, fallback, defaultText, kind, meaning }) => ({
      option:
        target === 'metrics' || target === 'server'
          ? option
          : target === 'auth' || target === 'tls'
            ? target
            : dash,
      variable,
      'key in the file': key ?? dash,
      default: plain(defaultText ?? [fallback].flat().join(' ')),
      allowed: plain(kind.allowed),
      meaning: plain(meaning),
    })),
  );
});

/** Text without marks of code, as `rowsOf` reads it. */
const plain = (text: string): string => text.replaceAll('`', '');

test('schema/config.json is the schema of the table: npm run generate:settings', () => {
  const text = readFileSync(join(root, 'schema/config.json'), 'utf8');
  expect(JSON.parse(text)).toEqual(createFileSchema());
});

const validate = new Ajv({ strict: true }).compile(createFileSchema());

test.each(configurations('settings').map((block) => [whereIs(block), block.content] as const))(
  'the schema accepts the settings at %s',
  (_where, content) => {
    expect([validate(content), validate.errors]).toEqual([true, null]);
  },
);

test.each([
  { enabled: 'maybe' },
  { defaultLabels: { le: '1' } },
  { defaultLabels: { version: 1.1 } },
  { prefix: 'a b' },
  { buckets: [] },
  { maxSeriesPerMetric: 0 },
  { nativeHistograms: { resolution: 9 } },
  { server: { port: 70_000 } },
  { server: { path: '/healthz' } },
  { server: { path: '/-/x' } },
  { server: { token: 'a b' } },
  { server: { basicAuth: 'nobody' } },
  { server: { tls: { cert: 'x' } } },
  { server: false },
  { exemplar: 'x' },
  { unknown: 1 },
])('the schema refuses %j', (value) => {
  expect(validate(value)).toBe(false);
});
