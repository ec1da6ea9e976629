// `npm run mutate`: changes the source in many small ways, and shows the changes that no test notices. With areas or files
// (`npm run mutate -- metrics src/slo/duration.ts`), only there. First, all changes of an area run together in few processes.
// What no test has noticed there runs again by Stryker, each change in processes of its own. `--together` leaves that out.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { AREAS, areaOf, filesIn, testsFor } from './mutation/areas.mjs';
import { linesOf, missedIn, rangesOf, update } from './mutation/report.mjs';
import { runTogether } from './mutation/together.mjs';
import { exitWith, run } from './run.mjs';

const FOLDER = 'build/mutation';
const USAGE = `npm run mutate [-- options] [area or file ...]

  --together  leaves out the second part, which runs each change in processes of its own

Areas: ${Object.keys(AREAS).join(', ')}`;
const { chosen, isOnlyTogether } = readArguments();

/** The files to mutate, by area. */
const files = new Map();
for (const path of chosen.length > 0 ? chosen : Object.keys(AREAS)) {
  const area = areaOf(path);
  if (area === undefined) {
    exitWith(`${path}: not in an area. The areas are ${Object.keys(AREAS).join(', ')}.`, 1);
  }
  files.set(area, [...(files.get(area) ?? []), ...(path in AREAS ? filesIn(area) : [path])]);
}

mkdirSync(FOLDER, { recursive: true });
for (const [area, inArea] of files) {
  const start = Date.now();
  const report = await runTogether(area, inArea);
  if (!isOnlyTogether) await runEach(report);
  const path = `${FOLDER}/${area.replaceAll('/', '-')}.json`;
  // The other files of the area keep what was last found out about them.
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).files : {};
  writeFileSync(path, JSON.stringify({ files: { ...before, ...report.files } }));
  for (const line of linesOf(report)) console.log(line);
  console.log(`${area}: ${Math.ceil((Date.now() - start) / 60_000)} minutes`);
}

/** Runs what is missed in the report again, and updates the report. */
async function runEach(report) {
  const byTests = new Map();
  for (const missed of missedIn(report)) {
    const tests = JSON.stringify(testsFor(missed.file));
    byTests.set(tests, [...(byTests.get(tests) ?? []), missed]);
  }
  for (const [tests, missed] of byTests) {
    process.env['MUTATION_TESTS'] = tests;
    const code = await run('npx', ['stryker', 'run', '--mutate', rangesOf(missed).join(',')]);
    if (code !== 0) process.exit(code);
    const found = `${FOLDER}/stryker.json`;
    if (existsSync(found)) update(report, JSON.parse(readFileSync(found, 'utf8')));
  }
}

/** Reads the command line. Exits if it is wrong, because a run takes hours. */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        together: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) exitWith(USAGE, 0);
    return { chosen: positionals, isOnlyTogether: values.together };
  } catch (error) {
    return exitWith(`${error.message}\n\n${USAGE}`, 1);
  }
}
