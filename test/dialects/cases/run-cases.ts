import type { Case } from './kit.js';

/** Runs the cases one after the other, prints a line for each, and finally prints how many ran. */
export async function runCases(cases: readonly Case[]): Promise<void> {
  // The package warns about faults of metrics code. A case that provokes no fault must not cause a warning.
  const warnings: unknown[] = [];
  console.warn = (...args: unknown[]) => void warnings.push(args);
  for (const { name, run } of cases) {
    let failure: string | undefined;
    try {
      // oxlint-disable-next-line no-await-in-loop -- cases share one registry
      await run();
    } catch (error) {
      failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (warnings.length > 0) failure ??= `console.warn: ${warnings.splice(0).join('\n')}`;
    process.stdout.write(`${JSON.stringify({ name, failure })}\n`);
  }
  process.stdout.write(`${JSON.stringify({ ran: cases.length })}\n`);
}
