import type { Client } from './gen-nodejs/Calculator.js';
import { Operation, Work } from './gen-nodejs/calculator_types.js';

export interface Call {
  method: string;
  send: (client: Client) => Promise<unknown>;
}

const KEYS = 200;

/** What the client calls, with relative weights. It never calls `Calculator.reset`. */
const mix: [weight: number, method: string, send: Call['send']][] = [
  [10, 'Calculator.ping', (client) => client.ping()],
  [30, 'Calculator.add', (client) => client.add(below(1000), below(1000))],
  [30, 'Calculator.calculate', (client) => client.calculate(below(KEYS), work(1 + below(1000)))],
  // Dividing by 0 throws a declared exception; the other three operations accept 0.
  [10, 'Calculator.calculate', (client) => client.calculate(below(KEYS), work(0))],
  // Slow: 20 ms for each prime factor.
  [8, 'Calculator.factorize', (client) => client.factorize(2 + below(5000))],
  [1, 'Calculator.factorize', (client) => client.factorize(1)],
  [6, 'Calculator.mean', (client) => client.mean([below(10), below(10), below(10)])],
  // An error that the IDL does not declare.
  [2, 'Calculator.mean', (client) => client.mean([])],
  // Oneway: the client does not learn the outcome.
  [4, 'Calculator.zip', (client) => client.zip()],
  // Throws a declared exception until something is stored under the key.
  [10, 'SharedService.getStruct', (client) => client.getStruct(below(KEYS))],
  [3, 'SharedService.recentKeys', (client) => client.recentKeys(10)],
];

const bag = mix.flatMap(([weight, method, send]) =>
  Array.from({ length: weight }, (): Call => ({ method, send })),
);

const operations = [Operation.ADD, Operation.SUBTRACT, Operation.MULTIPLY, Operation.DIVIDE];

export function nextCall(): Call {
  return anyOf(bag);
}

function work(right: number): Work {
  return new Work({ left: below(1000), right, op: anyOf(operations) });
}

function anyOf<T>(items: readonly T[]): T {
  return items[below(items.length)] as T;
}

/** Returns a random integer from 0 up to, but not including, the limit. */
function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}
