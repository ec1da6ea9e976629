import { thrift, type Service } from '../support/start-thrift';
import type * as libraryTypes from '../thrift/gen-nodejs/library_types.js';
import type * as shelfTypes from '../thrift/gen-nodejs/shelf_types.js';

// oxlint-disable-next-line typescript/no-explicit-any -- a generated client, in any style
export type AnyClient = Record<string, (...args: any[]) => any>;

export type Answer = (error: unknown, result?: unknown) => void;

/** The library service in the compiler's ES6 output: its clients return promises. */
export const Library = require('../thrift/gen-nodejs/Library.js') as Service & { Client: object };
export const Shelf = require('../thrift/gen-nodejs/Shelf.js') as Service & { Client: object };

const { Refused } = require('../thrift/gen-nodejs/library_types.js') as typeof libraryTypes;
const { Missing } = require('../thrift/gen-nodejs/shelf_types.js') as typeof shelfTypes;

/** The same in ES5 output: its clients take a callback, or return a promise of Q. */
export function loadEs5(): Service & { Client: object } {
  Object.assign(thrift, { Q: require('q') as unknown });
  return require('../thrift/gen-nodejs-es5/Library.js') as Service & { Client: object };
}

/** A handler of the library service that answers in every way there is, in callback style. */
export class Answers {
  /** Calls of `clamp`, which are answered when the test says so. */
  readonly held: Answer[] = [];
  private readonly waiting: (() => void)[] = [];

  ping(answer: Answer): void {
    answer(null);
  }

  twice(number: number, answer: Answer): void {
    if (number < 0) answer(new Refused({ why: 'negative' }));
    else answer(null, 2 * number);
  }

  divide(left: number, right: number, answer: Answer): void {
    if (right === 0) answer(new Error('by zero'));
    else answer(null, left / right);
  }

  /** A reply that holds neither a result nor an exception. */
  count(answer: Answer): void {
    answer(null, null);
  }

  find(id: number, answer: Answer): void {
    answer(new Missing({ id }));
  }

  clamp(_number: number, _low: number, _high: number, answer: Answer): void {
    this.held.push(answer);
    this.waiting.shift()?.();
  }

  /** Never answered. */
  clear(_answer: Answer): void {}

  note(_text: string): void {
    this.waiting.shift()?.();
  }

  /** Resolves when the next `clamp` or `note` has arrived. */
  arrival(): Promise<void> {
    return new Promise((resolve) => void this.waiting.push(resolve));
  }
}
