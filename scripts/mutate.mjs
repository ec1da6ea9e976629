// `npm run mutate`: changes the source in many small ways, and shows the changes that no test notices. With areas, files or
// globs (`npm run mutate -- metrics src/slo/duration.ts`), only there. Each area is a run of its own with its own tests.
// With `--missed`, only what the last run of the areas missed runs again. Other options (`--force`) are Stryker's.
import { AREAS, areaOf, runsOf, sourcesOf } from './mutation/areas.mjs';
import { missedIn, summaryOf } from './mutation/summary.mjs';
import { run } from './run.mjs';

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const onlyMissed = options.includes('--missed');
const ofStryker = options.filter((option) => option !== '--missed');
const reportOf = (area) => `build/mutation/${area.replaceAll('/', '-')}.json`;
/** The globs to mutate, by area. */
const runs = new Map();
for (const path of chosen.length > 0 ? chosen : Object.keys(AREAS)) {
  const area = areaOf(path);
  if (area === undefined) {
    console.error(`${path}: not in an area. The areas are ${Object.keys(AREAS).join(', ')}.`);
    process.exit(1);
  }
  const all = path in AREAS ? sourcesOf(area) : [path];
  const globs = onlyMissed ? missedIn(reportOf(area)) : all;
  runs.set(area, [...(runs.get(area) ?? []), ...globs]);
}

for (const [area, globs] of runs) {
  process.env['MUTATION_AREA'] = area;
  const start = Date.now();
  for (const { globs: same, tests } of runsOf(area, globs)) {
    process.env['MUTATION_TESTS'] = JSON.stringify(tests);
    const code = await run('npx', ['stryker', 'run', '--mutate', same.join(','), ...ofStryker]);
    if (code !== 0) process.exit(code);
  }
  console.log(`${area}, ${Math.ceil((Date.now() - start) / 60_000)} minutes`);
  for (const line of summaryOf(reportOf(area))) console.log(line);
}
