// `npm run mutate`: changes the source in many small ways, and shows the changes that no test notices. With areas, files or
// globs (`npm run mutate -- metrics src/slo/duration.ts`), only there. Each area is a run of its own with its own tests.
import { AREAS, areaOf, sourcesOf } from './mutation/areas.mjs';
import { run } from './run.mjs';

const chosen = process.argv.slice(2);
/** The globs to mutate, by area. */
const runs = new Map();
for (const path of chosen.length > 0 ? chosen : Object.keys(AREAS)) {
  const area = areaOf(path);
  if (area === undefined) {
    console.error(`${path}: not in an area. The areas are ${Object.keys(AREAS).join(', ')}.`);
    process.exit(1);
  }
  const globs = path in AREAS ? sourcesOf(area) : [path];
  runs.set(area, [...(runs.get(area) ?? []), ...globs]);
}

for (const [area, globs] of runs) {
  process.env['MUTATION_AREAS'] = area;
  const code = await run('npx', ['stryker', 'run', '--mutate', globs.join(',')]);
  if (code !== 0) process.exit(code);
}
