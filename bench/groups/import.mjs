// What importing costs a program as it starts: each import has a process of its own, with nothing loaded yet.
import { execFileSync } from 'node:child_process';

import { median, report } from '../measure.mjs';

const RUNS = 41;
const PROGRAM = `
  const start = performance.now();
  await import(process.argv[1]);
  console.log(performance.now() - start);
`;

/** Milliseconds, from the import to its end: without the start of Node.js itself. */
function timeImport(name) {
  const args = ['--input-type=module', '--eval', PROGRAM, name];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

const times = { 'thrift-metrics': [], 'prom-client': [] };
const names = Object.keys(times);
// They take turns, so that a noisy minute of the machine is in both. Files are in the cache after a first one.
names.forEach(timeImport);
for (let i = 0; i < RUNS; i++) for (const name of names) times[name].push(timeImport(name));

report({ ours: median(times['thrift-metrics']), prom: median(times['prom-client']) });
