// `npm run walk`: goes from an empty folder to a scraped request and to a firing alert, with this package and by hand, and
// prints what was typed and how long the machine took. `-- --count` only counts what is typed.
import { describeMachine } from '../../bench/describe-machine.mjs';
import { ensureBuild } from '../ensure-build.mjs';
import { ensurePackages } from '../ensure-packages.mjs';
import { ensurePrograms } from '../ensure-programs.mjs';
import { run } from '../run.mjs';

const args = process.argv.slice(2);
await ensurePackages();
if (!args.includes('--count')) {
  await ensureBuild();
  ensurePrograms();
  console.log(`${describeMachine()}\n`);
}
process.exitCode = await run(process.execPath, [
  '--import=tsx',
  'scripts/walk/measure.ts',
  ...args,
]);
