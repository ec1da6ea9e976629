import { onTestFinished } from 'vitest';

import { startProgram, type Ended } from '../support/start-program';

/** Runs an example by its npm script, and stops it when the test ends. */
export function runExample(
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const program = startProgram('npm', ['run', '-s', script], '', env);
  onTestFinished(() => program.stop());
  return program.ended;
}
