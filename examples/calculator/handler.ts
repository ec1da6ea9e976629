import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Call,
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  NotInstrumented,
  Objective,
  Timed,
} from 'thrift-metrics';

import { InvalidOperation, Operation, Work } from './gen-nodejs/calculator_types.js';
import { SharedServiceHandler } from './shared-handler.js';

const ENTRIES_KEPT = 100;
const MS_PER_FACTOR = 20;

/** The label `op`: one value for each member of the enum, and one for all other numbers. */
const opOf = ({ args }: Call): string => Operation[args[1].op] ?? 'unknown';

/** Every method below gets the four metrics and an objective. The base class keeps its own service name. */
@Instrumented({ service: 'Calculator', exceptions: [InvalidOperation] })
@Objective({ availability: 0.999, latency: { target: 0.99, within: 0.25 } })
export class CalculatorHandler extends SharedServiceHandler {
  async ping(): Promise<void> {}

  /** A synchronous method. The sum wraps around as an i32 does. */
  add(left: number, right: number): number {
    return (left + right) | 0;
  }

  /** A decorator on the method replaces that metric's options from the class. */
  @Counted({ labels: { op: opOf } })
  @Timed({ labels: { op: opOf } })
  @ErrorsCounted({ exceptions: [InvalidOperation] })
  @InFlight
  async calculate(logid: number, work: Work): Promise<number> {
    const value = this.compute(work);
    this.remember(logid, String(value));
    return value;
  }

  @Timed({ buckets: [0.025, 0.05, 0.1, 0.2, 0.4, 0.8] })
  @Objective({ latency: { target: 0.95, within: 0.2 }, window: '7d' })
  async factorize(number: number): Promise<number[]> {
    if (number < 2) throw invalid(0, `${number} has no prime factors`);
    const factors: number[] = [];
    let rest = number;
    for (let factor = 2; rest > 1; factor++) {
      if (factor * factor > rest) factor = rest;
      for (; rest % factor === 0; rest /= factor) factors.push(factor);
    }
    await sleep(MS_PER_FACTOR * factors.length);
    return factors;
  }

  async mean(values: number[]): Promise<number> {
    // The IDL declares no exception here, so the client gets a TApplicationException.
    if (values.length === 0) throw new RangeError('the mean of no values');
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /** A oneway method. The client does not wait for it, but it is measured like any other. */
  async zip(): Promise<void> {
    await sleep(5);
    const surplus = this.entries.size - ENTRIES_KEPT;
    for (const key of [...this.entries.keys()].slice(0, Math.max(0, surplus))) {
      this.entries.delete(key);
    }
  }

  /** The example's client never calls this method. Its series exist nevertheless, at 0. */
  async reset(): Promise<void> {
    this.entries.clear();
  }

  /** A helper, not a Thrift method. Without `@NotInstrumented` it would be measured like one. */
  @NotInstrumented
  compute({ left, right, op }: Work): number {
    const value = apply(op, left, right);
    if (value !== (value | 0)) throw invalid(op, `${value} is not an i32`);
    return value;
  }

  @NotInstrumented
  remember(key: number, value: string): void {
    this.entries.delete(key);
    this.entries.set(key, value);
  }
}

function apply(op: Operation, left: number, right: number): number {
  switch (op) {
    case Operation.ADD:
      return left + right;
    case Operation.SUBTRACT:
      return left - right;
    case Operation.MULTIPLY:
      return left * right;
    case Operation.DIVIDE:
      if (right === 0) throw invalid(op, 'division by 0');
      return Math.trunc(left / right);
    default:
      throw invalid(op, 'no such operation');
  }
}

function invalid(operation: number, why: string): InvalidOperation {
  return new InvalidOperation({ operation, why });
}
