import { afterAll, beforeAll, expect, test } from 'vitest';

import { TIMEOUT } from '../../consumers/consumer';
import { packedPackage } from '../../consumers/projects';
import { readPage } from '../../docs/markdown';
import { follow } from './follow';
import { JEST_GUIDE, makeJestProject, makePackedClone } from './project';
import { Reader } from './reader';

// Each test continues with the project of the one before it.
const TS_JEST = 'npx jest --config ts-jest.config.js --no-cache';

const thePackage = packedPackage();
let reader: Reader;

beforeAll(async () => {
  reader = new Reader(makePackedClone(thePackage, 'jest'));
  await makeJestProject(reader, 'typescript@5.9');
}, TIMEOUT);
afterAll(() => reader?.leave());

test(
  'the guide to Jest works with TypeScript 5.9',
  () => follow(JEST_GUIDE, reader, (text) => text.replace('typescript@6', 'typescript@5.9')),
  TIMEOUT,
);

test('ts-jest fails with the target of tsc --init as the guide says', async () => {
  await reader.run('rm tsconfig.json && npx tsc --init --verbatimModuleSyntax false');
  const { code, stderr } = await reader.start(TS_JEST).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('SyntaxError: Invalid or unexpected token');
});

test('ts-jest fails with TypeScript 7 as the guide says', async () => {
  await reader.run('npm install --save-dev typescript@7');
  const { code, stderr } = await reader.start(TS_JEST).ended;
  expect(code).toBe(1);
  const message = /The TypeScript compiler .*? required by ts-jest\./.exec(readPage(JEST_GUIDE));
  expect(stderr).toContain(message?.[0]);
});
