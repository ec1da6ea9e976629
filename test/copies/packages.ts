import { join } from 'node:path';

import type * as api from '../../src/index';

type Package = typeof api;

const root = join(__dirname, '../..');

/** The folder of the second copy of the package, by the vitest project that uses it. */
export function copyFolder(project: string): string {
  return join(root, 'build', project, 'node_modules/thrift-metrics');
}

/** Two copies of the built package. The first one creates the runtime, because it is loaded first. */
export function loadPackages(project: string): { first: Package; second: Package } {
  const first = require(join(root, 'dist/index.js')) as Package;
  const second = require(join(copyFolder(project), 'dist/index.js')) as Package;
  return { first, second };
}
