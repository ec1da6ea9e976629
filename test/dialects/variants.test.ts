import { describe } from 'vitest';

import { describeVariant } from './describe-variant';
import { runVariants } from './run-variants';
import { variants } from './variants';

// The names of the tests are those of the cases that ran, so everything runs while the tests are collected.
describe('decorators, as compiled', async () => {
  for (const report of await runVariants(variants)) describeVariant(report);
});
