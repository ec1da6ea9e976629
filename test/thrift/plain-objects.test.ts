import { beforeEach, describe, expect, test } from 'vitest';

import { instrumentHandler, resetMetrics } from '../../src/index';
import { countsOf, failedWith, SUCCEEDED } from './handler-counts';
import { loadOutputs } from './generated';
import { startLibrary } from './start-library';

type Answer = (error: unknown, result?: unknown) => void;

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused } = generated.types;
  const service = 'Library';

  test('methods, arrow functions and functions of an object are measured, in each style', async () => {
    const handler = instrumentHandler(
      {
        async count() {
          return 1;
        },
        twice: (number: number) => 2 * number,
        divide: function divide(left: number, right: number, answer: Answer) {
          if (right === 0) answer(new Refused({ why: 'by 0' }));
          else answer(null, left / right);
        },
      },
      { service },
    );
    const call = await startLibrary(generated, handler);

    expect(await call('count')).toBe(1);
    expect(await call('twice', 4)).toBe(8);
    await expect(call('divide', 1, 0)).rejects.toBeInstanceOf(Refused);

    expect(await countsOf('count')).toEqual(SUCCEEDED);
    expect(await countsOf('twice')).toEqual(SUCCEEDED);
    expect(await countsOf('divide')).toEqual(failedWith('declared Refused'));
  });

  test('the methods of a plain object see its properties, and their calls of each other are not measured', async () => {
    const handler = instrumentHandler(
      {
        calls: 0,
        count() {
          return ++this.calls;
        },
        async twice(number: number) {
          return 2 * number * this.count();
        },
      },
      { service },
    );
    const call = await startLibrary(generated, handler);

    expect(await call('twice', 4)).toBe(8);
    expect(await call('count')).toBe(2);

    expect(handler.calls).toBe(2);
    expect(await countsOf('count')).toMatchObject({ requests: 1 });
  });

  test('a frozen object stays as it is, and its instrumented version is measured', async () => {
    const frozen = Object.freeze({ twice: async (number: number) => 2 * number });
    const measured = await startLibrary(generated, instrumentHandler(frozen, { service }));
    const plain = await startLibrary(generated, frozen);

    expect(await measured('twice', 4)).toBe(8);
    expect(await plain('twice', 4)).toBe(8);

    expect(await countsOf('twice')).toEqual(SUCCEEDED);
  });

  test('instrumentHandler does not add methods that the handler lacks', async () => {
    const handler = instrumentHandler({ twice: (number: number) => 2 * number }, { service });

    expect('count' in handler).toBe(false);
    expect(Object.keys(handler)).toEqual(['twice']);
  });
});
