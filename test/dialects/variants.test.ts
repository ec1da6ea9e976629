import { describe } from 'vitest';

import { describeVariant } from './describe-variant';
import { runVariants } from './run-variants';
import { variants } from './variants';

// The tests are named after the cases that ran, so everything runs while the tests are collected.
describe('compiled decorators', async () => {
  for (const report of await runVariants(variants)) describeVariant(report);
});
