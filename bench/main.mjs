// `npm run bench`: measures what this package costs. Each row has a reference from the same process and run.
//   node bench/main.mjs [--only <group,...>] [--quick] [--write-docs]
import { ensureBuild } from '../scripts/ensure-build.mjs';
import { ensurePackages } from '../scripts/ensure-packages.mjs';
import { readOptions } from './options.mjs';
import { formatTime } from './progress.mjs';
import { fileOf, runGroups } from './results.mjs';

await ensurePackages();
const { GROUPS, writeGroupTables } = await import('./groups.mjs');
const { names, quick, writesDocs } = readOptions(
  'npm run bench',
  GROUPS.map(({ name }) => name),
);

if (writesDocs) {
  const { writeDocuments } = await import('./documents/write-documents.mjs');
  await writeDocuments();
} else {
  await ensureBuild();
  const { measure } = await import('./run-group.mjs');
  const groups = GROUPS.filter(({ name }) => names.includes(name)).map((group) => ({
    ...group,
    run: () => group.run(measure),
  }));
  const { results, seconds } = await runGroups('bench', groups, quick);
  const run = Object.fromEntries(names.map((name) => [name, results[name]]));
  console.log([...writeGroupTables(run).values()].join('\n\n'));
  console.log(`\n${groups.length} groups in ${formatTime(seconds)}. Results: ${fileOf('bench')}`);
}
