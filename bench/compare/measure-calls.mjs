import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { PYTHON_PROGRAM } from '../../scripts/ensure-programs.mjs';
import { isQuick, medians } from '../measure.mjs';
import { BARE, CONTENDERS, isPython, PYTHONS } from './contenders.mjs';
import { compiledFile, FOLDER, PYTHONPATH } from './install.mjs';

const ROUNDS = isQuick ? 1 : 3;
const FLAGS = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];

/**
 * Measures, for each contender by its name, nanoseconds per call of the same handler, bare and measured, nanoseconds of two
 * clock readings, and bytes per call. Each figure is the median of several processes, which take turns.
 */
export function measureCalls() {
  const all = [...CONTENDERS, ...PYTHONS];
  const runs = new Map(all.map((contender) => [contender, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of all) {
      console.error(`  round ${round + 1} of ${ROUNDS}: ${contender.name}`);
      runs.get(contender).push(isPython(contender) ? runPython(contender) : runNode(contender));
    }
  }
  return Object.fromEntries(all.map((contender) => [contender.name, medians(runs.get(contender))]));
}

function runNode(contender) {
  const codes = [BARE, contender].map((each) => compiledFile('user-code', each));
  return resultOf(process.execPath, [...FLAGS, join(FOLDER, 'programs/calls.mjs'), ...codes]);
}

function runPython({ code }) {
  const codes = ['bare.py', code].map((file) => join(FOLDER, 'user-code', file));
  return resultOf(PYTHON_PROGRAM, [join(FOLDER, 'programs/calls.py'), ...codes]);
}

function resultOf(program, args) {
  const env = { ...process.env, METRICS_PORT: '0', NODE_ENV: 'production', PYTHONPATH };
  const output = execFileSync(program, args, { encoding: 'utf8', env, cwd: FOLDER });
  return JSON.parse(output.trim().split('\n').at(-1));
}
