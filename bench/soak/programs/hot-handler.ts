import { join } from 'node:path';

import type * as EndlessModule from './endless-handler.js';

const EXAMPLE = join(__dirname, '../../../examples/calculator');

/** The modules that declare measured classes; what Thrift generated stays, since its exceptions have to. */
const MODULES = [
  join(EXAMPLE, 'shared-handler.ts'),
  join(EXAMPLE, 'handler.ts'),
  join(__dirname, 'endless-handler.ts'),
];

/** A handler whose classes can be loaded anew under it, as a development server does on each save. */
export class HotHandler {
  readonly handler = new (load().EndlessHandler)();
  reloads = 0;

  reload(): void {
    for (const path of MODULES) forget(path);
    // The state of the instance stays; calls that are in progress end in the old classes.
    Object.setPrototypeOf(this.handler, load().EndlessHandler.prototype);
    this.reloads++;
  }
}

function load(): typeof EndlessModule {
  return require(MODULES.at(-1) as string) as typeof EndlessModule;
}

function forget(path: string): void {
  const loaded = require.cache[path];
  if (loaded === undefined) throw new Error(`${path} is not loaded, so it cannot be loaded anew`);
  delete require.cache[path];
  // Node.js keeps in each module those that it was first to load, which would keep every old class.
  for (const { children } of [module, ...Object.values(require.cache)].filter((m) => m != null)) {
    const at = children.indexOf(loaded);
    if (at >= 0) children.splice(at, 1);
  }
}
