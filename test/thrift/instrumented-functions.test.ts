import { beforeEach, describe, expect, test } from 'vitest';

import { instrument, instrumentHandler, resetMetrics } from '../../src/index';
import { countsOf, failedWith, SUCCEEDED } from './handler-counts';
import { loadOutputs } from './generated';
import { startLibrary } from './start-library';

type Answer = (error: unknown, result?: unknown) => void;

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused } = generated.types;
  const service = `Functions${generated.style}`;

  /** A handler of functions that are instrumented one by one, in promise and in callback style. */
  const handlerOf = () => ({
    count: instrument(async () => 1, { service, method: 'count' }),
    twice: instrument((number: number) => 2 * number, { service, method: 'twice' }),
    divide: instrument(
      function divide(left: number, right: number, answer: Answer) {
        if (right === 0) answer(new Refused({ why: 'by 0' }));
        else setImmediate(() => answer(null, left / right));
      },
      { service, exceptions: [Refused] },
    ),
    clamp: instrument(
      async (number: number, low: number, high: number) => {
        if (low > high) throw new RangeError('empty');
        return Math.max(low, Math.min(number, high));
      },
      { service, method: 'clamp', failed: ({ result, args }) => result !== args[0] && 'CLAMPED' },
    ),
    ping: instrument((answer: Answer) => answer(null), { service, method: 'ping' }),
    note: instrument((_text: string) => {}, { service, method: 'note' }),
  });

  // Generated code counts the parameters of a method to choose between promise and callback style.
  test('functions in promise and callback style are served by their number of parameters', async () => {
    const call = await startLibrary(generated, handlerOf());
    expect(await call('count')).toBe(1);
    expect(await call('twice', 4)).toBe(8);
    expect(await call('divide', 8, 4)).toBe(2);
    expect(await call('clamp', 2, 1, 3)).toBe(2);
    await call('note', 'text');
    expect(await call('ping')).toBeUndefined();
    for (const method of ['count', 'twice', 'divide', 'clamp', 'note', 'ping']) {
      expect(await countsOf(method, service)).toEqual(SUCCEEDED);
    }
  });

  test('exceptions and results that count as failed reach the client unchanged', async () => {
    const call = await startLibrary(generated, handlerOf());
    await expect(call('divide', 1, 0)).rejects.toMatchObject({ why: 'by 0' });
    expect(await countsOf('divide', service)).toEqual(failedWith('declared Refused'));
    expect(await call('clamp', 5, 1, 3)).toBe(3);
    expect(await countsOf('clamp', service)).toEqual(failedWith('result CLAMPED'));
    resetMetrics();
    await expect(call('clamp', 5, 3, 1)).rejects.toMatchObject({ message: 'empty' });
    expect(await countsOf('clamp', service)).toEqual(failedWith('undeclared RangeError'));
  });

  test('instrumentHandler adds only the functions that are not instrumented', async () => {
    const handler = instrumentHandler(
      { ...handlerOf(), describe: (id: number) => `item ${id}` },
      { service },
    );
    const call = await startLibrary(generated, handler);
    expect(await call('twice', 4)).toBe(8);
    expect(await call('divide', 8, 4)).toBe(2);
    expect(await call('describe', 3)).toBe('item 3');
    for (const method of ['twice', 'divide', 'describe']) {
      expect(await countsOf(method, service)).toEqual(SUCCEEDED);
    }
  });
});
