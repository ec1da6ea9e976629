// Runs the programs in `groups`. Each has its own process, so that what V8 learns in one does not affect another.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { isQuick, medians as mediansOf } from './measure.mjs';

const PROCESSES = isQuick ? 1 : 3;

// A young generation that fits a batch of calls, for the group that counts bytes.
const FLAGS = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];

function runWith(node, group, args) {
  const file = fileURLToPath(new URL(`./groups/${group}.mjs`, import.meta.url));
  const output = execFileSync(node, [...FLAGS, file, ...args], { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1));
}

/** Runs the program of a group once. */
function once(group, ...args) {
  return runWith(process.execPath, group, args);
}

/** Takes the median of several processes, since V8 compiles a wrapper differently in each, by up to 10 ns per call. */
function medians(group, ...args) {
  return mediansWith(process.execPath, group, ...args);
}

/** The same with another Node.js. */
function mediansWith(node, group, ...args) {
  return mediansOf(Array.from({ length: PROCESSES }, () => runWith(node, group, args)));
}

/** What a group measures with. */
export const measure = { once, medians, mediansWith };
