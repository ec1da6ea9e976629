import vm from 'node:vm';

import { expect, test, vi } from 'vitest';

import {
  ErrorReader,
  LONGEST_FRAME,
  LONGEST_STACK,
  MOST_FRAMES,
  type ErrorDetails,
} from '../../src/recording/error-details';

const report = vi.fn();
const errorDetails = (error: unknown): ErrorDetails => new ErrorReader({ report }).read(error);

test.each([
  ['text', 'text'],
  [7, '7'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('s'), 'Symbol(s)'],
  [1n, '1'],
])('a thrown %s is described by its text', (thrown, message) => {
  expect(errorDetails(thrown)).toEqual({ message, stack: null });
});

test('an error has its message and its first frames, without the message before them', () => {
  const { message, stack } = errorDetails(new RangeError('several\nlines\n    at nowhere'));
  expect(message).toBe('several\nlines\n    at nowhere');
  const lines = stack?.split('\n') ?? [];
  expect(lines[0]).toContain('error-details.test.ts');
  expect(lines.length).toBeLessThanOrEqual(MOST_FRAMES);
});

test('an error of another realm is read, too', () => {
  const foreign: unknown = vm.runInNewContext('new TypeError("from elsewhere")');
  const { message, stack } = errorDetails(foreign);
  expect(message).toBe('from elsewhere');
  expect(stack).toMatch(/^at /);
});

test('a stack of endless lines is cut', () => {
  const error = new Error('long');
  error.stack = `Error: long${`\n    at ${'f'.repeat(1_000_000)}`.repeat(3)}`;
  expect(errorDetails(error).stack?.length).toBeLessThanOrEqual(LONGEST_STACK);
});

test('a frame is cut, and the next one is kept', () => {
  const error = new Error('long');
  error.stack = `Error: long\n    at ${'f'.repeat(1000)}\n    at next`;
  const [first, second] = errorDetails(error).stack?.split('\n') ?? [];
  expect(first).toHaveLength(LONGEST_FRAME);
  expect(second).toBe('at next');
});

test('the error of an aborted signal has its message', () => {
  const { reason } = AbortSignal.abort() as { reason: unknown };
  expect(errorDetails(reason).message).toBe('This operation was aborted');
});

test('half of a surrogate pair is not kept', () => {
  const { message } = errorDetails(new Error(`${'x'.repeat(510)}😀😀`));
  expect(message?.isWellFormed()).toBe(true);
});

test('no code of the program runs: no getter, no proxy, no conversion', () => {
  const trap = vi.fn(() => 'asked');
  class Asking extends Error {
    override get name(): string {
      return trap();
    }
  }
  const withGetter = Object.defineProperty(new Error('plain'), 'stack', { get: trap });
  const proxies = new Proxy(new Error('behind'), {
    get: trap,
    getOwnPropertyDescriptor: trap as never,
  });
  const inherited = Object.create(proxies) as object;
  const object = { toString: trap, valueOf: trap };
  for (const each of [new Asking('x'), withGetter, proxies, inherited, object]) errorDetails(each);
  expect(trap).not.toHaveBeenCalled();
  expect(errorDetails(withGetter)).toEqual({ message: 'plain', stack: null });
});

test('what is kept of a huge message does not keep the message in memory', () => {
  const kept = Array.from({ length: 20 }, (_, i) =>
    errorDetails(new Error(`${i}${'x'.repeat(5_000_000)}`)),
  );
  expect(process.memoryUsage().heapUsed).toBeLessThan(1000 * 2 ** 20);
  expect(kept.every(({ message }) => message?.length === 512)).toBe(true);
});

test('a getter of the program that looks native does not run', () => {
  const run = vi.fn(() => 'secret');
  const commented = function (): string {
    return run(); // { [native code] }
  };
  for (const get of [run.bind(null), new Proxy(() => '', { apply: run }), commented]) {
    const error = Object.defineProperty(new Error('before'), 'message', { get });
    expect(errorDetails(error).message).toBeNull();
  }
  expect(run).not.toHaveBeenCalled();
});
