// Measures the cost of an import at program start. Each import has its own process, in which nothing is loaded yet.
import { execFileSync } from 'node:child_process';

import { isQuick, median, report } from '../measure.mjs';

const RUNS = isQuick ? 1 : 41;
const PROGRAM = `
  const start = performance.now();
  await import(process.argv[1]);
  console.log(performance.now() - start);
`;

/** Milliseconds from the start of the import to its end, without the start of Node.js itself. */
function timeImport(name) {
  const args = ['--input-type=module', '--eval', PROGRAM, name];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

const times = { 'thrift-metrics': [], 'prom-client': [] };
const names = Object.keys(times);
// They take turns, so that a slow phase of the machine affects both. The first run fills the file cache.
names.forEach(timeImport);
for (let i = 0; i < RUNS; i++) for (const name of names) times[name].push(timeImport(name));

report({ ours: median(times['thrift-metrics']), prom: median(times['prom-client']) });
