import { expect, test } from 'vitest';

import { packageFolder } from '../../src/runtime/package-paths';

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
