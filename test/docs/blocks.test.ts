import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { configureMetrics, type MetricsConfiguration } from '../../src/index';
import { runProgram } from '../support/start-program';
import { blocksIn, configurations, pages, whereIs } from './blocks';
import { blocksOf, readPage, root } from './markdown';

/** Where the blocks of each language are checked, besides the tests below. */
const CHECKED = {
  ts: 'snippets.test.ts compiles them',
  js: 'snippets.test.ts parses them, and runs those that start a server',
  sh: 'checked here; test/real/walks runs those of the README and the tutorial',
  json: 'checked here',
  yaml: 'checked here; test/real/configurations.test.ts loads them with their programs, and settings-table.test.ts validates settings',
  thrift: 'test/scripts/generate-thrift.matrix.test.ts compiles them',
  promql: 'test/real/configurations.test.ts parses them with promtool',
  text: 'output of a program, which test/real/walks and test/examples compare',
};

test('every code block is in a language that is checked', () => {
  const languages = new Set(pages.flatMap(blocksOf).map(({ language }) => language));
  expect([...languages].toSorted()).toEqual(Object.keys(CHECKED).toSorted());
});

test('every fence has a language and is recognized as a block', () => {
  for (const page of pages) {
    const fences = readPage(page).match(/^\s*(?:```|~~~)/gm)?.length ?? 0;
    expect({ page, fences }).toEqual({ page, fences: blocksOf(page).length * 2 });
  }
});

test('all ts blocks are on pages whose blocks are compiled', () => {
  // test/real/walks/ways.matrix.test.ts compiles those of scripts/walk, where their packages are installed.
  const compiled = /^(?:README\.md$|docs\/|scripts\/walk\/)/;
  const elsewhere = blocksIn('ts').filter(({ page }) => !compiled.test(page));
  expect(elsewhere.map(whereIs)).toEqual([]);
});

test.each(blocksIn('sh').map((block) => [whereIs(block), block.code] as const))(
  'bash can parse %s',
  async (_where, code) => {
    expect(await runProgram('bash', ['-n'], code)).toEqual({ code: 0, stdout: '', stderr: '' });
  },
);

test('every file of the repository that a command names exists', () => {
  const commands = blocksIn('sh').flatMap(({ code }) => code.split(/\s+/));
  const paths = commands.filter((word) =>
    /^(?:examples|docs|src|test|scripts)\/\S+\.\w+$/.test(word),
  );
  expect(paths.length).toBeGreaterThan(3);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every json block parses', () => {
  const blocks = blocksIn('json');
  expect(blocks.length).toBeGreaterThan(0);
  for (const { code } of blocks) JSON.parse(code);
});

test('every yaml block is strict YAML and of a known kind', () => {
  const all = configurations();
  expect(all.length).toBeGreaterThan(0);
  for (const block of all) {
    const documents = parseAllDocuments(block.code, { uniqueKeys: true });
    expect({
      where: whereIs(block),
      faults: documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
      isKnown: block.kind !== undefined,
    }).toEqual({ where: whereIs(block), faults: [], isKnown: true });
  }
});

test('configureMetrics accepts all rules and label names', () => {
  const policies = configurations('settings').filter(({ content }) => 'rules' in content);
  expect(policies.length).toBeGreaterThan(0);
  for (const { content } of policies) {
    const { rules, labelNames } = content as MetricsConfiguration;
    configureMetrics({ rules, labelNames });
  }
  configureMetrics({ rules: [], labelNames: {} });
});

test('every Kubernetes object has a version, a kind and a name', () => {
  for (const { content } of configurations('kubernetes')) {
    expect(content).toMatchObject({
      apiVersion: expect.any(String),
      kind: expect.any(String),
      metadata: { name: expect.any(String) },
    });
  }
});
