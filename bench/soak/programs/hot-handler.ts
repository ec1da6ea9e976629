import { join } from 'node:path';

import type * as EndlessModule from './endless-handler.js';

const EXAMPLE = join(__dirname, '../../../examples/calculator');

/** The modules that declare measured classes. Generated code is not reloaded, because its exception classes must stay. */
const MODULES = [
  join(EXAMPLE, 'shared-handler.ts'),
  join(EXAMPLE, 'handler.ts'),
  join(__dirname, 'endless-handler.ts'),
];

/** A handler whose classes can be reloaded while it runs, as a development server does on each save. */
export class HotHandler {
  readonly handler = new (load().EndlessHandler)();
  reloads = 0;

  reload(): void {
    for (const path of MODULES) forget(path);
    // The instance keeps its state, and calls in progress end in the old classes.
    Object.setPrototypeOf(this.handler, load().EndlessHandler.prototype);
    this.reloads++;
  }
}

function load(): typeof EndlessModule {
  return require(MODULES.at(-1) as string) as typeof EndlessModule;
}

function forget(path: string): void {
  const loaded = require.cache[path];
  if (loaded === undefined) throw new Error(`${path} is not loaded, so it cannot be reloaded`);
  delete require.cache[path];
  // Each module lists the modules that it loaded first in `children`, which would keep every old class alive.
  for (const { children } of [module, ...Object.values(require.cache)].filter((m) => m != null)) {
    const at = children.indexOf(loaded);
    if (at >= 0) children.splice(at, 1);
  }
}
