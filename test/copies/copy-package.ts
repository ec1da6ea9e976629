import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { copyFolder } from './packages';

const root = join(__dirname, '../..');

/**
 * Copies the built package, with a copy of reflect-metadata as a package manager may install it. Other dependencies
 * resolve to the repository, so both copies use the same client library.
 */
export default function copyPackage({ name }: TestProject): void {
  const folder = copyFolder(name);
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['package.json', 'dist', 'node_modules/reflect-metadata']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
}
