import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { compileProgram } from '../support/compile-program';
import { runProgram } from '../support/start-program';

/** The rounds of work in each method, from the program. A round of one method is a round of any other. */
const ROUNDS = {
  burnPlain: 40,
  burnAsync: 20,
  burnCallback: 10,
  burnOuter: 15,
  burnInner: 25,
  burnFacade: 30,
} as const;

/** Difference of two shares that is allowed: two percentage points. */
const TOLERANCE = 0.02;

type Seconds = Readonly<Record<string, number>>;

interface Measured {
  readonly profiled: Seconds;
  readonly held: Seconds;
  /** Real time of all calls together, in seconds. */
  readonly elapsed: number;
}

const compiled = compileProgram(join(__dirname, 'programs/burn.ts'));

function sharesOf(seconds: Seconds): Seconds {
  const total = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  return Object.fromEntries(Object.entries(seconds).map(([name, each]) => [name, each / total]));
}

describe('a process whose methods take different shares of the CPU', () => {
  let measured: Measured;
  beforeAll(async () => {
    const { stdout, stderr, code } = await runProgram(process.execPath, [await compiled]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    measured = JSON.parse(stdout) as Measured;
  }, 240_000);

  test.each(Object.keys(ROUNDS))('%s has the share that a CPU profile has measured', (method) => {
    const held = sharesOf(measured.held);
    const profiled = sharesOf(measured.profiled);
    const difference = (held[method] ?? NaN) - (profiled[method] ?? NaN);
    expect(Math.abs(difference), JSON.stringify({ held, profiled })).toBeLessThanOrEqual(TOLERANCE);
  });

  test('the synchronous parts of all methods together take no more than the time that has passed', () => {
    const total = Object.values(measured.held).reduce((sum, each) => sum + each, 0);
    expect(total).toBeLessThanOrEqual(measured.elapsed);
    // The program does nothing else.
    expect(total).toBeGreaterThan(0.5 * measured.elapsed);
  });
});
