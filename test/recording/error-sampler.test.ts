import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { ErrorReader } from '../../src/recording/error-details';
import { ErrorSampler, type SampledErrors } from '../../src/recording/error-sampler';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

const report = vi.fn<(site: string, error: unknown) => void>();
let reader: ErrorReader;
let sampler: ErrorSampler;
let errors: SampledErrors;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  report.mockReset();
  reader = new ErrorReader({ report });
  sampler = new ErrorSampler(reader);
  errors = { sample: null };
});
afterEach(() => vi.useRealTimers());

/** Resolves when the sampler has read what it took. */
const turn = async (): Promise<void> => {};

/** Lets the sampler read an error, and returns what it keeps. */
async function read(error: unknown): Promise<{ message: string; stack: string } | null> {
  sampler.take(errors, error);
  await turn();
  if (errors.sample === null || errors.sample.time === 0) return null;
  const { message, stack } = errors.sample;
  return { message, stack };
}

function frames(count: number): string {
  return Array.from({ length: count }, (_, i) => `    at step${i} (app.js:${i}:1)`).join('\n');
}

describe('what is kept of an error', () => {
  test('the message of an error, its innermost ten frames, when it was read, and the process are kept', async () => {
    const error = new Error('out of stock');
    error.stack = `Error: out of stock\n${frames(20)}`;
    await read(error);
    expect(errors.sample).toMatchObject({
      message: 'out of stock',
      stack: frames(10).replaceAll('    ', ''),
      time: Date.now(),
      process: String(process.pid),
    });
  });

  test('a frame in the message is not a frame of the stack', async () => {
    const message = 'failed\n    at somewhere else';
    const error = Object.assign(new Error(message), { stack: `Error: ${message}\n${frames(1)}` });
    expect((await read(error))?.stack).toBe('at step0 (app.js:0:1)');
  });

  test.each([
    ['a string', 'just text', 'just text'],
    ['a number', 7, '7'],
    ['a symbol', Symbol('odd'), 'Symbol(odd)'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['an object without a message', {}, ''],
    ['an error whose message is not a text', { message: { secret: 1 } }, ''],
  ])('%s is read without a stack', async (_title, error, message) => {
    expect(await read(error)).toEqual({ message, stack: '' });
    expect(report).not.toHaveBeenCalled();
  });

  test.each([
    [
      'an error whose getters throw',
      {
        get message(): string {
          throw new Error('no');
        },
        get stack(): string {
          throw new Error('no');
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
    ],
    ['a revoked proxy', revoked()],
  ])('%s is read as empty texts, and causes no fault', async (_title, error) => {
    expect(await read(error)).toEqual({ message: '', stack: '' });
    expect(report).not.toHaveBeenCalled();
  });

  test('long messages, long frames and broken characters are bounded', async () => {
    const error = new Error('m'.repeat(1e6));
    error.stack = `Error: ${error.message}\n    at ${'f'.repeat(1e6)}`;
    const sample = await read(error);
    expect(sample?.message).toBe(`${'m'.repeat(511)}…`);
    expect(sample?.stack.length).toBeLessThanOrEqual(200);
    vi.advanceTimersByTime(1000);
    expect(await read(new Error('\ud800 half'))).toMatchObject({ message: '\ufffd half' });
  });

  test('neither the error nor the text that it was cut from stays in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const create = (): WeakRef<Error> => {
      const error = new Error('x');
      sampler.take(errors, error);
      return new WeakRef(error);
    };
    const reference = create();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(1000);
      const own: SampledErrors = { sample: null };
      sampler.take(own, { message: `${i}${'long '.repeat(1e6)}` });
      kept.push(own);
    }
    await vi.waitFor(() => {
      collect();
      expect(reference.deref() === undefined).toBe(true);
    });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10e6);
    expect(kept.every(({ sample }) => sample?.message.length === 512)).toBe(true);
  });
});

const kept: SampledErrors[] = [];

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('how often errors are read', () => {
  test('of the errors of one series, one per second is read', async () => {
    expect(await read(new Error('first'))).toMatchObject({ message: 'first' });
    vi.advanceTimersByTime(999);
    expect(await read(new Error('second'))).toMatchObject({ message: 'first' });
    vi.advanceTimersByTime(1);
    expect(await read(new Error('third'))).toMatchObject({ message: 'third' });
  });

  test('an error is read after the code that threw it, and only then', async () => {
    const redact = vi.fn<(text: string) => string>((text) => text);
    reader.configure(redact);
    sampler.take(errors, new Error('late'));
    expect(redact).not.toHaveBeenCalled();
    await turn();
    expect(redact).toHaveBeenCalledWith('late');
  });
});

describe('redaction', () => {
  test('without details, no error is read', async () => {
    reader.configure(false);
    expect(await read(new Error('secret'))).toBeNull();
    reader.configure(true);
    expect(await read(new Error('shown'))).toMatchObject({ message: 'shown' });
  });

  test('details that are switched off before the error is read are not kept', async () => {
    sampler.take(errors, new Error('secret'));
    reader.configure(false);
    await turn();
    expect(errors.sample?.message).toBe('');
  });

  test('an error that is forgotten before it is read stays forgotten', async () => {
    sampler.take(errors, new Error('before the reset'));
    errors.sample = null;
    await turn();
    expect(errors.sample).toBeNull();
  });

  test('a function redacts the message and the stack', async () => {
    reader.configure((text) => text.replaceAll(/\d{4,}/g, '#'));
    const error = Object.assign(new Error(`${'x'.repeat(508)}123456`), {
      stack: `Error\n    at pay (card-123456.js:1:1)`,
    });
    expect(await read(error)).toEqual({
      message: `${'x'.repeat(508)}#`,
      stack: 'at pay (card-#.js:1:1)',
    });
  });

  test('a function that throws, or does not return a text, is reported and nothing is kept', async () => {
    const fault = new Error('bad pattern');
    reader.configure(() => {
      throw fault;
    });
    expect(await read(new Error('secret'))).toEqual({ message: '', stack: '' });
    vi.advanceTimersByTime(1000);
    reader.configure((() => Promise.reject(new Error('late'))) as unknown as () => string);
    expect(await read(new Error('secret'))).toEqual({ message: '', stack: '' });
    expect(report.mock.calls).toEqual([
      ['errorDetails', fault],
      [
        'errorDetails',
        expect.objectContaining({ message: expect.stringContaining('object') as string }),
      ],
    ]);
  });
});
