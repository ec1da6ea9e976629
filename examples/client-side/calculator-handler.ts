import { EventEmitter } from 'node:events';

import { InvalidOperation, Work } from '../calculator/gen-nodejs/calculator_types.js';

/** Keys that make the calculator fail in different ways. */
export const BROKEN_KEY = 0;
export const SILENT_KEY = 13;

/** The called service. It stands in for a service in another process, so it has no metrics here. */
export class CalculatorHandler extends EventEmitter {
  async calculate(logid: number, { left, right, op }: Work): Promise<number> {
    if (logid === BROKEN_KEY) throw new Error('a fault that the IDL does not declare');
    if (logid === SILENT_KEY) {
      this.emit('silence');
      return new Promise(() => {});
    }
    const product = left * right;
    if (product === (product | 0)) return product;
    throw new InvalidOperation({ operation: op, why: `${product} is not an i32` });
  }
}
