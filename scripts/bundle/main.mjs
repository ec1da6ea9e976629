// `npm run build`: writes dist, which holds what is published and nothing else.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../run.mjs';
import { bundleModules } from './bundle-modules.mjs';
import { bundlePage } from './bundle-page.mjs';
import { rollUpDeclarations } from './roll-up-declarations.mjs';

// The last build goes first, so that no module that has gone stays in the package.
rmSync(join(root, 'dist'), { recursive: true, force: true });
await Promise.all([bundleModules(), bundlePage(), rollUpDeclarations()]);
