import { expect, test } from 'vitest';

import { firstPosition, packageFolder, withoutFileUrl } from '../../src/runtime/package-paths';

test.each([
  ['/app/node_modules/thrift/lib/nodejs/lib/thrift/index.js', '/app/node_modules/thrift'],
  [
    '/app/node_modules/.pnpm/thrift@0.24.0/node_modules/thrift/lib/index.js',
    '/app/node_modules/.pnpm/thrift@0.24.0/node_modules/thrift',
  ],
  [
    '/app/.yarn/cache/thrift-npm-0.24.0-1a2b.zip/node_modules/thrift/lib/index.js',
    '/app/.yarn/cache/thrift-npm-0.24.0-1a2b.zip/node_modules/thrift',
  ],
  [
    '/app/node_modules/hive-driver/node_modules/thrift/lib/index.js',
    '/app/node_modules/hive-driver/node_modules/thrift',
  ],
  [
    'C:\\app\\node_modules\\thrift\\lib\\nodejs\\lib\\thrift\\index.js',
    'C:\\app\\node_modules\\thrift',
  ],
  [
    '\\\\server\\share\\node_modules\\thrift\\lib\\index.js',
    '\\\\server\\share\\node_modules\\thrift',
  ],
  ['C:/app/node_modules/thrift/lib/index.js', 'C:/app/node_modules/thrift'],
  ['/app/thrift/index.js', null],
  ['/app/node_modules/thrift-metrics/dist/index.js', null],
  ['/app/node_modules/thrift.js', null],
])('%s belongs to the copy of thrift in %s', (file, folder) => {
  expect(packageFolder(file, 'thrift')).toBe(folder);
});

test('the folder of a package with a scope is found on every system', () => {
  const name = '@prometheus-io/client';
  expect(packageFolder('/a/node_modules/@prometheus-io/client/index.js', name)).toBe(
    '/a/node_modules/@prometheus-io/client',
  );
  expect(packageFolder('C:\\a\\node_modules\\@prometheus-io\\client\\index.js', name)).toBe(
    'C:\\a\\node_modules\\@prometheus-io\\client',
  );
});

test.each([
  [
    'Error: x\n    at add (/app/a b/handler.js:3:5)\n    at node:internal/main:1:1',
    '/app/a b/handler.js:3',
  ],
  ['Error: x\n    at file:///app/handler.mjs:3:5', '/app/handler.mjs:3'],
  ['Error: x\n    at add (C:\\app\\handler.js:3:5)', 'C:\\app\\handler.js:3'],
  ['Error: x\n    at file:///C:/app/handler.mjs:3:5', 'C:/app/handler.mjs:3'],
  ['Error: x\n    at async file:///C:/app/handler.mjs:3:5', 'C:/app/handler.mjs:3'],
  ['C:\\app\\handler.js:3\nclass {\n\nSyntaxError: x', 'C:\\app\\handler.js:3'],
  ['/app/handler.js:3\nclass {\n\nSyntaxError: x', '/app/handler.js:3'],
  ['Error: x\n    at add (\\\\server\\share\\handler.js:3:5)', '\\\\server\\share\\handler.js:3'],
  ['Error: x\n    at node:internal/main:1:1', undefined],
])('the first position in %j is %s', (stack, position) => {
  expect(firstPosition(stack)).toBe(position);
});

test.each([
  ['file:///app/a.js:1:2', '/app/a.js:1:2'],
  ['file:///C:/app/a.js:1:2', 'C:/app/a.js:1:2'],
  ['C:\\app\\a.js:1:2', 'C:\\app\\a.js:1:2'],
  ['/app/a.js:1:2', '/app/a.js:1:2'],
  ['read file:///app/a.js', 'read file:///app/a.js'],
])('%s without its URL is %s', (text, path) => {
  expect(withoutFileUrl(text)).toBe(path);
});
