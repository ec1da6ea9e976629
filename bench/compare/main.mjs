// `npm run bench:compare`: records the same four metrics on the same handler with this package and with each alternative.
// Prints tables in Markdown.
//   node bench/compare/main.mjs [--only <group,...>] [--quick] [--write-docs]
import { ensureBuild } from '../../scripts/ensure-build.mjs';
import { ensurePackages } from '../../scripts/ensure-packages.mjs';
import { ensurePrograms } from '../../scripts/ensure-programs.mjs';
import { readOptions } from '../options.mjs';
import { formatTime } from '../progress.mjs';

const NAMES = ['contenders', 'calls', 'requests', 'scrapes', 'features'];
const { names, quick, writesDocs } = readOptions('npm run bench:compare', NAMES);

await ensurePackages();
const { install } = await import('./install.mjs');
const { fileOf, runGroups } = await import('../results.mjs');
const { writeTables } = await import('./write-tables.mjs');

if (writesDocs) {
  const { writeDocuments } = await import('../documents/write-documents.mjs');
  await writeDocuments();
} else {
  await ensureBuild();
  ensurePrograms();
  await install();
  const groups = await loadGroups();
  const chosen = groups.filter(({ name }) => names.includes(name));
  const { results, seconds } = await runGroups('compare', chosen, quick);
  console.log([...writeTables(results).values()].join('\n\n'));
  console.log(`\n${chosen.length} groups in ${formatTime(seconds)}. Results: ${fileOf('compare')}`);
}
process.exit();

/** Imported after the installation of what they import. */
async function loadGroups() {
  const { describeContenders } = await import('./describe-contenders.mjs');
  const { measureCalls } = await import('./measure-calls.mjs');
  const { measureFeatures } = await import('./measure-features.mjs');
  const { measureRequests } = await import('./measure-requests.mjs');
  const { measureScrapes } = await import('./measure-scrapes.mjs');
  return [
    { name: 'contenders', seconds: 1, run: describeContenders },
    { name: 'calls', seconds: 130, run: measureCalls },
    { name: 'requests', seconds: 110, run: measureRequests },
    { name: 'scrapes', seconds: 90, run: measureScrapes },
    { name: 'features', seconds: 6, run: measureFeatures },
  ];
}
