import { type Call, Counted, ErrorsCounted, InFlight, ThriftService, Timed } from 'thrift-metrics';

import { InvalidOperation, Operation, Work } from '../calculator/gen-nodejs/calculator_types.js';

/** A label from an argument: one value for each member of the enum, and one for all other numbers. */
const op = ({ args }: Call): string => Operation[args[1].op] ?? 'unknown';

/** A label from the outcome, available only to metrics that are recorded at the end of the call. */
const sign = ({ error, result }: Call): string =>
  error !== undefined ? 'none' : result < 0 ? 'negative' : 'positive';

@ThriftService('Calculator')
export class CalculatorHandler {
  /** Every metric has a custom name. `tier` is a constant label; `op` and `sign` are functions of the call. */
  @Counted('myapp_requests_total', {
    help: 'Total number of requests',
    labels: { tier: 'gold', op },
  })
  @Timed('myapp_request_seconds', { buckets: [0.01, 0.1, 1], labels: { sign } })
  @ErrorsCounted('myapp_errors_total', { exceptions: [InvalidOperation] })
  @InFlight('myapp_active_requests')
  async calculate(logid: number, { left, right, op: operation }: Work): Promise<number> {
    if (operation === Operation.ADD) return left + right;
    if (operation === Operation.SUBTRACT) return left - right;
    throw new InvalidOperation({ operation, why: `request ${logid} is neither + nor -` });
  }

  /** The same counter with another tier, and a summary with quantiles instead of buckets. */
  @Counted('myapp_requests_total', { labels: { tier: 'free' } })
  @Timed('myapp_mean_seconds', { quantiles: [0.5, 0.99] })
  async mean(values: number[]): Promise<number> {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}
