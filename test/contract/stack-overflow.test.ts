import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import { Instrumented, instrumentHandler, resetMetrics } from '../../src/index';
import { samplesOf } from '../support/value-of';

const OVERFLOWS = 20;

beforeEach(resetMetrics);

type Answer = (error: unknown, result?: unknown) => void;

const labels = { op: (call: { args: readonly unknown[] }) => typeof call.args[0] };

/** Recursions without an end. */
class Recursive {
  depth = 0;

  sync(): unknown {
    this.depth++;
    return this.sync();
  }

  async async(): Promise<unknown> {
    this.depth++;
    return this.async();
  }

  thenable(): unknown {
    this.depth++;
    const inner = this.thenable();
    return Promise.resolve(inner);
  }

  callback(answer: Answer): void {
    this.depth++;
    this.callback((error, result) => answer(error, result));
  }
}

@Instrumented({ service: 'Overflow' })
class OverflowHandler extends Recursive {
  override sync(): unknown {
    this.depth++;
    return this.sync();
  }

  override async async(): Promise<unknown> {
    this.depth++;
    return this.async();
  }

  override thenable(): unknown {
    this.depth++;
    const inner = this.thenable();
    return Promise.resolve(inner);
  }

  override callback(answer: Answer): void {
    this.depth++;
    this.callback((error, result) => answer(error, result));
  }
}

@Instrumented({ service: 'LabelledOverflow', labels })
class LabelledOverflowHandler extends Recursive {
  override sync(): unknown {
    this.depth++;
    return this.sync();
  }

  override async async(): Promise<unknown> {
    this.depth++;
    return this.async();
  }

  override thenable(): unknown {
    this.depth++;
    const inner = this.thenable();
    return Promise.resolve(inner);
  }

  override callback(answer: Answer): void {
    this.depth++;
    this.callback((error, result) => answer(error, result));
  }
}

describe.each([
  ['Overflow', (): Recursive => new OverflowHandler()],
  ['LabelledOverflow', (): Recursive => new LabelledOverflowHandler()],
])('methods of %s', (service, create) => {
  test.each(['sync', 'async', 'thenable', 'callback'] as const)(
    '20 stack overflows in a %s method leave no calls in flight',
    async (method) => {
      const handler = create();
      for (let i = 0; i < OVERFLOWS; i++) {
        // Begins at different depths, so that the stack overflows at different places.
        // oxlint-disable-next-line no-await-in-loop -- one overflow after the other
        await overflow(handler, method, i);
      }
      expect(await sumOf('thrift_server_active_requests', service, method)).toBe(0);
      expect(await sumOf('thrift_server_oldest_active_request_seconds', service, method)).toBe(0);
    },
  );
});

test.each(['sync', 'async', 'thenable', 'callback'] as const)(
  '20 stack overflows in a %s method of instrumentHandler leave no calls in flight',
  async (method) => {
    const service = 'FacadeOverflow';
    const handler: Recursive = instrumentHandler(
      {
        depth: 0,
        sync: (): unknown => handler.sync(),
        async: async (): Promise<unknown> => handler.async(),
        thenable: (): unknown => Promise.resolve(handler.thenable()),
        callback: (answer: Answer): void =>
          handler.callback((error, result) => answer(error, result)),
      },
      { service },
    );
    for (let i = 0; i < OVERFLOWS; i++) {
      // oxlint-disable-next-line no-await-in-loop -- one overflow after the other
      await overflow(handler, method, i);
    }
    expect(await sumOf('thrift_server_active_requests', service, method)).toBe(0);
  },
);

test('a method that ends the recursion itself near the end of the stack keeps its own error', () => {
  const own = new TypeError('own');
  let deepest: unknown;
  @Instrumented({ service: 'OwnError' })
  class OwnErrorHandler {
    run(): void {
      try {
        this.run();
      } catch (error) {
        deepest ??= error;
        throw own;
      }
    }
  }
  expect(thrownBy(() => new OwnErrorHandler().run())).toBe(own);
  expect(deepest).toBeInstanceOf(RangeError);
});

async function overflow(handler: Recursive, method: keyof Recursive, depth: number): Promise<void> {
  if (depth > 0) {
    // Frames of other sizes below the recursion.
    await [depth].map(() => overflow(handler, method, depth - 1))[0];
    return;
  }
  try {
    const run: unknown = handler[method];
    await (run as (answer: Answer) => unknown).call(handler, () => {});
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
  }
}

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function sumOf(name: string, service: string, method: string): Promise<number> {
  const values = (await samplesOf(register))
    .filter((sample) => sample.name === name)
    .filter(({ labels: { thrift_service } }) => thrift_service === service)
    .filter(({ labels: { thrift_method } }) => thrift_method === method)
    .map(({ value }) => value);
  expect(values.length).toBeGreaterThan(0);
  return values.reduce((sum, value) => sum + value, 0);
}
