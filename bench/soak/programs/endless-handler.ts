import { type Call, Counted, ThriftService } from 'thrift-metrics';

import { CalculatorHandler } from '../../../examples/calculator/handler.js';

export const ENDLESS = 'soak_endless_total';

/** The example's handler with what no service should have: a label that any caller can give new values. */
@ThriftService('Calculator')
export class EndlessHandler extends CalculatorHandler {
  @Counted({
    name: ENDLESS,
    help: 'Calls by their operands.',
    labels: { operands: ({ args }: Call) => args.join(' ') },
  })
  override add(left: number, right: number): number {
    return super.add(left, right);
  }
}
