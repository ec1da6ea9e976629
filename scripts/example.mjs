// node scripts/example.mjs <name>: runs one of the examples. Works in a fresh clone.
import { cpSync } from 'node:fs';
import { join } from 'node:path';

import { ensureBuild } from './ensure-build.mjs';
import { ensurePackages } from './ensure-packages.mjs';
import { root, run } from './run.mjs';

const examples = {
  'legacy-decorators': async () => {
    const code = await run(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      'examples/legacy-decorators',
    ]);
    if (code !== 0) return code;
    // The compiler does not copy JavaScript that has a declaration file.
    const generated = 'examples/calculator/gen-nodejs';
    cpSync(join(root, generated), join(root, 'build', generated), { recursive: true });
    return run(process.execPath, ['build/examples/legacy-decorators/main.js']);
  },
  'callback-style': () => run(process.execPath, ['examples/callback-style/main.js']),
  'client-side': () => runTypeScript('examples/client-side/main.ts'),
  cluster: () => runTypeScript('examples/cluster/main.ts'),
  'custom-metrics': () => runTypeScript('examples/custom-metrics/main.ts'),
  traced: () => runTypeScript('examples/traced/main.ts'),
  automatic: () => run(process.execPath, ['examples/automatic/main.js']),
};

const example = examples[process.argv[2]];
if (example === undefined) {
  console.error(`Name one of the examples: ${Object.keys(examples).join(', ')}`);
  process.exit(2);
}
await ensurePackages();
await ensureBuild();
process.exitCode = await example();

function runTypeScript(program) {
  return run(process.execPath, ['--import', import.meta.resolve('tsx'), program]);
}
