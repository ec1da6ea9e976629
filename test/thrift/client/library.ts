import type { Service } from '../../support/start-thrift';
import type * as libraryTypes from '../gen-nodejs/library_types.js';
import type * as shelfTypes from '../gen-nodejs/shelf_types.js';

// oxlint-disable-next-line typescript/no-explicit-any -- a generated client, in any style
export type AnyClient = Record<string, (...args: any[]) => any>;

export type Answer = (error: unknown, result?: unknown) => void;

/** The library service in the compiler's ES6 output, whose clients return promises. */
export const Library = require('../gen-nodejs/Library.js') as Service & { Client: object };
export const Shelf = require('../gen-nodejs/Shelf.js') as Service & { Client: object };

const { Refused } = require('../gen-nodejs/library_types.js') as typeof libraryTypes;
const { Missing } = require('../gen-nodejs/shelf_types.js') as typeof shelfTypes;

/** The library service with classes that nothing has instrumented yet. */
export function loadLibraryAgain(): typeof Library {
  for (const name of ['Library', 'Shelf']) {
    delete require.cache[require.resolve(`../gen-nodejs/${name}.js`)];
  }
  return require('../gen-nodejs/Library.js') as typeof Library;
}

/** The library service in ES5 output, whose clients take a callback or return a promise. */
export function loadEs5(): Service & { Client: object } {
  return require('../gen-nodejs-es5/Library.js') as Service & { Client: object };
}

/** A callback-style handler of the library service that answers in every possible way. */
export class Answers {
  /** Pending calls of `clamp`, which the test answers. */
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

  /** Replies with neither a result nor an exception. */
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

  /** Never answers. */
  clear(_answer: Answer): void {}

  note(_text: string): void {
    this.waiting.shift()?.();
  }

  /** Resolves when the next `clamp` or `note` has arrived. */
  arrival(): Promise<void> {
    return new Promise((resolve) => void this.waiting.push(resolve));
  }
}
