import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { root } from '../../docs/markdown';

/** Files that a clone does not have. */
const NOT_CLONED = /^(?:\.git|node_modules|dist|build|coverage|[^/]*\.tgz)$/;

/** Creates what a reader starts with: a clone of this repository called `thrift-metrics`, in an empty folder. */
export function makeClone(): { parent: string; clone: string; remove: () => void } {
  const parent = mkdtempSync(join(tmpdir(), 'reader-'));
  const clone = join(parent, 'thrift-metrics');
  cpSync(root, clone, {
    recursive: true,
    filter: (path) => !NOT_CLONED.test(relative(root, path)),
  });
  return { parent, clone, remove: () => rmSync(parent, { recursive: true, force: true }) };
}
