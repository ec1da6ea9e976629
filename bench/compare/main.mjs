// `npm run bench:compare`: records the same four metrics on the same handler with this package and with each alternative.
// Prints tables in Markdown and writes the chart of the README.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureBuild } from '../../scripts/ensure-build.mjs';
import { ensurePackages } from '../../scripts/ensure-packages.mjs';
import { ensurePrograms } from '../../scripts/ensure-programs.mjs';
import { root } from '../../scripts/run.mjs';
import { describeMachine } from '../describe-machine.mjs';

await ensurePackages();
await ensureBuild();
ensurePrograms();
const { install } = await import('./install.mjs');
await install();
const { measureCalls } = await import('./measure-calls.mjs');
const { measureFeatures } = await import('./measure-features.mjs');
const { measureRequests } = await import('./measure-requests.mjs');
const { measureScrapes } = await import('./measure-scrapes.mjs');
const { writeTables } = await import('./write-tables.mjs');

const results = {
  calls: measureCalls(),
  requests: await measureRequests(),
  scrapes: await measureScrapes(),
  features: await measureFeatures(),
};
console.log(`${describeMachine()}\n`);
console.log(writeTables(results));
const { drawChart } = await import('./draw-chart.mjs');
writeFileSync(join(root, 'docs/images/compare.svg'), await drawChart(results));
process.exit();
