// `npm run release`: reports why this commit cannot be released, or runs everything that CI runs. `--check` only reports.
// `--publish` publishes to npm with provenance, which needs the identity of a workflow: see .github/workflows/release.yml.
import { run } from '../run.mjs';
import { findObstacles } from './find-obstacles.mjs';

const publish = process.argv.includes('--publish');
const obstacles = findObstacles(process.cwd());
if (publish && process.env.ACTIONS_ID_TOKEN_REQUEST_URL === undefined) {
  obstacles.push(
    'Provenance needs the identity of a workflow with `id-token: write`. Push the tag, and the workflow publishes.',
  );
}
for (const obstacle of obstacles) console.error(`- ${obstacle}`);
if (obstacles.length > 0) process.exit(1);
if (process.argv.includes('--check')) process.exit();

const steps = [
  ['bash', '.ci/run'],
  ['npm', 'publish', '--access', 'public', ...(publish ? ['--provenance'] : ['--dry-run'])],
];
for (const [command, ...args] of steps) {
  // oxlint-disable-next-line no-await-in-loop -- each step runs only if the one before passed
  const code = await run(command, args);
  if (code !== 0) process.exit(code);
}
