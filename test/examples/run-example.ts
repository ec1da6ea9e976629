import { onTestFinished } from 'vitest';

import { startProgram, type Ended } from '../support/start-program';

/** Runs an example by its npm script, and stops it when the test ends. */
export function runExample(script: string): Promise<Ended> {
  const program = startProgram('npm', ['run', '-s', script]);
  onTestFinished(() => program.stop());
  return program.ended;
}
