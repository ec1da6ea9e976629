import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { configureMetrics, instrumentHandler, resetMetrics, type Call } from '../../src/index';
import { countsOf, errorsOf, failedWith, SUCCEEDED } from './handler-counts';
import { loadOutputs } from './generated';
import { startLibrary } from './start-library';

type Answer = (error: unknown, result?: unknown) => void;

beforeAll(() => configureMetrics({ onError: () => {} }));
beforeEach(resetMetrics);

const above40 = ({ result }: Call): boolean | string => (result > 40 ? 'TOO_MUCH' : false);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused, Item, Genre } = generated.types;

  test('an answer that counts as failed has kind result in each style, and reaches the client', async () => {
    const service = `Failed${generated.style}`;
    const failed = vi.fn(above40);
    const handler = instrumentHandler(
      {
        async twice(number: number) {
          return 2 * number;
        },
        count: () => 41,
        divide(left: number, right: number, answer: Answer) {
          setImmediate(() => answer(null, left / right));
        },
      },
      { service, failed },
    );
    expect(await errorsOf('twice', service)).toMatchObject({ 'result result': 0 });
    const call = await startLibrary(generated, handler);
    expect(await call('twice', 21)).toBe(42);
    expect(await call('count')).toBe(41);
    expect(await call('divide', 100, 2)).toBe(50);
    for (const method of ['twice', 'count', 'divide']) {
      expect(await countsOf(method, service)).toEqual(failedWith('result TOO_MUCH'));
    }
    expect(failed).toHaveBeenCalledTimes(3);
    const [twice, count, divide] = failed.mock.calls.map(([seen]) => seen);
    expect(twice).toMatchObject({ args: [21], method: 'twice', service, result: 42 });
    expect(count).toMatchObject({ method: 'count', service, result: 41 });
    expect(divide).toMatchObject({ method: 'divide', service, result: 50 });
    // In callback style, the last argument is the callback.
    expect(divide?.args).toEqual([100, 2, expect.any(Function)]);
  });

  test('an answer that does not count as failed is a success', async () => {
    const service = `Passed${generated.style}`;
    const handler = instrumentHandler(
      { twice: (number: number) => 2 * number },
      { service, failed: above40 },
    );
    const call = await startLibrary(generated, handler);
    expect(await call('twice', 1)).toBe(2);
    expect(await countsOf('twice', service)).toEqual(SUCCEEDED);
  });

  test('the function failed sees the struct that the method returns, and the client gets it', async () => {
    const service = `Struct${generated.style}`;
    const item = new Item({ id: 7, title: 'gone' });
    let seen: unknown;
    const handler = instrumentHandler(
      { store: async (_item: object, _genre: number) => item },
      {
        service,
        failed: (call) => {
          seen = call.result;
          return 'GONE';
        },
      },
    );
    const call = await startLibrary(generated, handler);
    expect(await call('store', item, Genre.POEM)).toMatchObject({ id: 7, title: 'gone' });
    expect(seen).toBe(item);
    expect(await countsOf('store', service)).toEqual(failedWith('result GONE'));
  });

  test('exceptions keep their kinds, and the function failed is not asked about them', async () => {
    const service = `Exceptions${generated.style}`;
    const failed = vi.fn(() => true);
    const handler = instrumentHandler(
      {
        async twice(_number: number) {
          throw new Refused({ why: 'no' });
        },
        divide(_left: number, _right: number, answer: Answer) {
          answer(new RangeError('too much'));
        },
      },
      { service, failed },
    );
    const call = await startLibrary(generated, handler);
    await expect(call('twice', 1)).rejects.toBeInstanceOf(Refused);
    await expect(call('divide', 1, 0)).rejects.toMatchObject({ message: 'too much' });
    expect(await countsOf('twice', service)).toEqual(failedWith('declared Refused'));
    expect(await countsOf('divide', service)).toEqual(failedWith('undeclared RangeError'));
    expect(failed).not.toHaveBeenCalled();
  });

  test('the function failed sees a call of a oneway method without a result', async () => {
    const service = `Oneway${generated.style}`;
    const failed = vi.fn(({ result }: Call) => result !== undefined);
    const handler = instrumentHandler(
      { note(_text: string) {}, ping: (answer: Answer) => answer(null) },
      { service, failed },
    );
    const call = await startLibrary(generated, handler);
    await call('note', 'text');
    await call('ping');
    expect(await countsOf('note', service)).toEqual(SUCCEEDED);
    expect(await countsOf('ping', service)).toEqual(SUCCEEDED);
  });

  test('an error that the function failed throws does not reach the client', async () => {
    const service = `Faulty${generated.style}`;
    const handler = instrumentHandler(
      { twice: (number: number) => 2 * number },
      {
        service,
        failed: () => {
          throw new Error('fault');
        },
      },
    );
    const call = await startLibrary(generated, handler);
    expect(await call('twice', 4)).toBe(8);
    expect(await countsOf('twice', service)).toEqual(SUCCEEDED);
  });

  test('a handler that is instrumented twice keeps its first function failed', async () => {
    const service = `Again${generated.style}`;
    const second = vi.fn(() => 'SECOND');
    const handler = instrumentHandler(
      { twice: (number: number) => 2 * number },
      { service, failed: () => 'FIRST' },
    );
    const call = await startLibrary(
      generated,
      instrumentHandler(handler, { service, failed: second }),
    );
    expect(await call('twice', 4)).toBe(8);
    expect(await countsOf('twice', service)).toEqual(failedWith('result FIRST'));
    expect(second).not.toHaveBeenCalled();
  });
});
