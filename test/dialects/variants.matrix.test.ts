import { describe } from 'vitest';

import { nodes } from '../matrix/install-nodes';
import { describeVariant } from './describe-variant';
import { runVariants } from './run-variants';
import { allVariants } from './variants';

describe('compiled decorators', async () => {
  for (const report of await runVariants(allVariants, nodes)) describeVariant(report);
});
