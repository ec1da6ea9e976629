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

/** The label `op`: as many values as the enum has, and one for numbers that it does not have. */
const opOf = ({ args }: Call): string => Operation[args[1].op] ?? 'unknown';

/** Every method below gets the four metrics and a promise; the base class keeps its own service name. */
@Instrumented({ service: 'Calculator', exceptions: [InvalidOperation] })
@Objective({ availability: 0.999, latency: { target: 0.99, within: 0.25 } })
export class CalculatorHandler extends SharedServiceHandler {
  async ping(): Promise<void> {}

  /** Not every method is asynchronous. Wraps around as an i32 does. */
  add(left: number, right: number): number {
    return (left + right) | 0;
  }

  /** What a method says for itself replaces what the class says, one metric at a time. */
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
    // The IDL declares no exception here: the client sees a TApplicationException.
    if (values.length === 0) throw new RangeError('the mean of no values');
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /** Oneway: nobody waits for it, and it is measured all the same. */
  async zip(): Promise<void> {
    await sleep(5);
    const surplus = this.entries.size - ENTRIES_KEPT;
    for (const key of [...this.entries.keys()].slice(0, Math.max(0, surplus))) {
      this.entries.delete(key);
    }
  }

  /** The example's client never calls this one: its series stand at 0 all the same. */
  async reset(): Promise<void> {
    this.entries.clear();
  }

  /** No Thrift method but a helper: without this it would be measured like one. */
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
