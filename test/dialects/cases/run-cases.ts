import type { Case } from './kit.js';

/** Runs one case after the other and prints a line for each, and at the end how many there were. */
export async function runCases(cases: readonly Case[]): Promise<void> {
  // Ours would be the warnings about faults of metrics code; a case that provokes none must cause none.
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
