import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { scripts } from '../../package.json';
import { commandsOf, WALKED_PAGES } from './commands';
import { blocksOf, readPage, root } from './markdown';

const TUTORIAL = 'docs/tutorial/first-service.md';

const walks = readPage('test/real/walks/walks.test.ts');
const examples = readdirSync(join(root, 'test/examples'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readPage(`test/examples/${name}`))
  .join('\n');

function isRun(command: string): boolean {
  const [, script] = /^npm run (example:\w+)$/.exec(command) ?? [];
  if (script !== undefined) return examples.includes(`runExample('${script}')`);
  return walks.includes(`readme('${command}')`);
}

test('a test runs every command of the README and of docs/README.md', () => {
  const commands = [...new Set(WALKED_PAGES.flatMap(commandsOf))];
  expect(commands.length).toBeGreaterThan(15);
  expect(commands.filter((command) => !isRun(command))).toEqual([]);
});

test('every command of the tutorial is in a code block, and a test runs these blocks', () => {
  const blocks = blocksOf(TUTORIAL).filter(({ language }) => language === 'sh');
  const run = blocks.map(({ code }) => code).join('');
  expect(commandsOf(TUTORIAL).filter((command) => !run.includes(command))).toEqual([]);
  expect(walks).toContain(`follow('${TUTORIAL}'`);
});

test('CONTRIBUTING.md names every system program that the tests need', () => {
  const source = readPage('scripts/ensure-programs.mjs');
  const packages = [...source.matchAll(/^  \['[\w-]+', '([\w-]+)'\],$/gm)].map(([, name]) => name);
  expect(packages.length).toBeGreaterThan(8);
  const [setUp = ''] = /^## Set up$[^]*?(?=^## )/m.exec(readPage('CONTRIBUTING.md')) ?? [];
  expect(packages.filter((name) => !setUp.includes(`\`${name}\``))).toEqual([]);
});

test('CONTRIBUTING.md names every script of package.json', () => {
  const [commands = ''] = /^## Commands$[^]*?(?=^## )/m.exec(readPage('CONTRIBUTING.md')) ?? [];
  const named = [...commands.matchAll(/`(?:npm (?:run )?)?([\w:]+)`/g)].map(([, name]) => name);
  // npm runs `prepack` on its own, and `check` runs `format:check`.
  const others = new Set(['prepack', 'format:check']);
  expect(new Set(named)).toEqual(new Set(Object.keys(scripts).filter((name) => !others.has(name))));
});
