import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { commandsOf } from './commands';
import { blocksOf, root } from './markdown';

const TUTORIAL = 'docs/tutorial/first-service.md';

const sourceOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const walks = sourceOf('test/real/walks/walks.test.ts');
const examples = readdirSync(join(root, 'test/examples'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => sourceOf(`test/examples/${name}`))
  .join('\n');

/** It measures for minutes, on a machine that has nothing else to do. */
const NOT_RUN = ['npm run bench'];

function isRun(command: string): boolean {
  const [, script] = /^npm run (example:\w+)$/.exec(command) ?? [];
  if (script !== undefined) return examples.includes(`runExample('${script}')`);
  return walks.includes(`readme('${command}')`);
}

test('every command of the README is run by a test', () => {
  const commands = commandsOf('README.md');
  expect(commands.length).toBeGreaterThan(15);
  expect(commands.filter((command) => !isRun(command))).toEqual(NOT_RUN);
});

test('every command of the tutorial is in a block, all of which a test runs', () => {
  const blocks = blocksOf(TUTORIAL).filter(({ language }) => language === 'sh');
  const run = blocks.map(({ code }) => code).join('');
  expect(commandsOf(TUTORIAL).filter((command) => !run.includes(command))).toEqual([]);
  expect(walks).toContain(`follow('${TUTORIAL}'`);
});
