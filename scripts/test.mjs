// `npm test`: runs all tests except the matrix. Works in a fresh clone. `--unit`: only tests that need neither system
// programs nor a package registry. `--matrix`: only the combinations of versions. Other arguments are passed to vitest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureBuild } from './ensure-build.mjs';
import { ensurePackages } from './ensure-packages.mjs';
import { ensurePrograms } from './ensure-programs.mjs';
import { root, run } from './run.mjs';

const REPORT = 'build/test-report.json';

const PROJECTS = { '--unit': 'unit', '--matrix': 'matrix*' };

const given = process.argv.slice(2);
const only = given.find((argument) => Object.hasOwn(PROJECTS, argument));
const args = given.filter((argument) => argument !== only);
const isChosen = args.some((argument) => /^--project(?:=|$)/.test(argument));

if (only !== '--unit') ensurePrograms();
await ensurePackages();
await ensureBuild();
const code = await run(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...(isChosen ? [] : [`--project=${PROJECTS[only] ?? '!matrix*'}`]),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${REPORT}`,
  ...args,
]);
const { numPassedTests, numTotalTests, numFailedTests } = JSON.parse(
  readFileSync(join(root, REPORT), 'utf8'),
);
// A skipped test counts as failed.
const skipped = numTotalTests - numPassedTests - numFailedTests;
const failed = numFailedTests + (code !== 0 && numFailedTests === 0 ? 1 : 0);
if (skipped > 0) console.log(`${skipped} tests did not run`);
console.log(`${numPassedTests} passed, ${failed + skipped} failed`);
process.exitCode = code !== 0 ? code : skipped > 0 ? 1 : 0;
