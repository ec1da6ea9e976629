import { onTestFinished } from 'vitest';

import { startProgram, type Ended } from '../support/start-program';

/** Runs an example by its npm script; one that does not end by itself is ended with the test. */
export function runExample(script: string): Promise<Ended> {
  const program = startProgram('npm', ['run', '-s', script]);
  onTestFinished(() => program.stop());
  return program.ended;
}
