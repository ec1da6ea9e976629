import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { runVariant, type Report } from './run-variant';
import type { Variant } from './variants';

/** Runs all variants, and returns their reports in order. */
export async function runVariants(
  variants: readonly Variant[],
  nodes?: Parameters<typeof runVariant>[1],
): Promise<Report[]> {
  if (!existsSync(join(__dirname, '../../dist/index.js'))) {
    throw new Error('These tests run the built package: npm run build');
  }
  const reports: Report[] = [];
  const waiting = [...variants.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, variant] = next;
      // oxlint-disable-next-line no-await-in-loop -- each worker takes one variant at a time
      reports[index] = await runVariant(variant, nodes);
    }
  };
  // Two at a time, because two of the compilers keep one core busy for seconds.
  await Promise.all([work(), work()]);
  return reports;
}
