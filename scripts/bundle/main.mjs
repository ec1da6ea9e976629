// `npm run build`: writes dist, which holds the published code and nothing else.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../run.mjs';
import { bundleModules } from './bundle-modules.mjs';
import { bundlePage } from './bundle-page.mjs';
import { formatOutput } from './format-output.mjs';
import { rollUpDeclarations } from './roll-up-declarations.mjs';

// Removes the last build first, so that no file of it stays in the package.
rmSync(join(root, 'dist'), { recursive: true, force: true });
await Promise.all([bundleModules(), bundlePage(), rollUpDeclarations()]);
await formatOutput();
