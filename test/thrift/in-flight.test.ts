import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import {
  Counted,
  ErrorsCounted,
  InFlight,
  resetMetrics,
  ThriftService,
  Timed,
} from '../../src/index';
import { valueOf } from '../support/value-of';
import { countsOf } from './handler-counts';
import { loadOutputs } from './generated';
import { startLibrary } from './start-library';

type Answer = (error: unknown, result?: unknown) => void;

/** Holds every call until the test releases it. */
class Gate {
  readonly held: (() => void)[] = [];
  readonly #arrivals = new EventEmitter();

  pass(): Promise<void> {
    return new Promise((resolve) => {
      this.held.push(resolve);
      this.#arrivals.emit('held');
    });
  }

  hold(calls: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => this.held.length >= calls && resolve();
      this.#arrivals.on('held', check);
      check();
    });
  }

  release(): void {
    this.held.shift()?.();
  }
}

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused } = generated.types;

  @ThriftService('Library')
  class Handler {
    readonly gate = new Gate();

    @Counted
    @Timed
    @ErrorsCounted
    @InFlight
    async divide(left: number, right: number) {
      await this.gate.pass();
      if (right === 0) throw new Refused({ why: 'by 0' });
      return left / right;
    }

    @Counted
    @Timed
    @ErrorsCounted
    @InFlight
    twice(number: number, answer: Answer) {
      void this.gate.pass().then(() => answer(null, 2 * number));
    }
  }

  test('each call is in flight from its arrival until it settles', async () => {
    const handler = new Handler();
    const call = await startLibrary(generated, handler);

    const calls = [call('divide', 6, 3), call('divide', 1, 0), call('divide', 8, 2)];
    await handler.gate.hold(3);
    expect(await countsOf('divide')).toEqual({
      requests: 3,
      succeeded: 0,
      failed: 0,
      errors: {},
      inFlight: 3,
    });

    handler.gate.release();
    expect(await calls[0]).toBe(2);
    expect(await countsOf('divide')).toMatchObject({ succeeded: 1, failed: 0, inFlight: 2 });

    handler.gate.release();
    await expect(calls[1]).rejects.toBeInstanceOf(Refused);
    expect(await countsOf('divide')).toMatchObject({ succeeded: 1, failed: 1, inFlight: 1 });

    handler.gate.release();
    expect(await calls[2]).toBe(4);
    expect(await countsOf('divide')).toEqual({
      requests: 3,
      succeeded: 2,
      failed: 1,
      errors: { 'declared Refused': 1 },
      inFlight: 0,
    });
  });

  test('a call in callback style is in flight until its callback runs, not until the method returns', async () => {
    const handler = new Handler();
    const call = await startLibrary(generated, handler);

    const pending = call('twice', 4);
    await handler.gate.hold(1);
    expect(await countsOf('twice')).toMatchObject({ requests: 1, succeeded: 0, inFlight: 1 });

    handler.gate.release();
    expect(await pending).toBe(8);
    expect(await countsOf('twice')).toMatchObject({ requests: 1, succeeded: 1, inFlight: 0 });
  });

  test('the latency of a call is the time between its arrival and its settling', async () => {
    const handler = new Handler();
    const call = await startLibrary(generated, handler);

    const before = performance.now();
    const pending = call('twice', 4);
    await handler.gate.hold(1);
    const arrived = performance.now();
    await sleep(20);
    const released = performance.now();
    handler.gate.release();
    await pending;
    const seconds = await valueOf(register, 'thrift_server_latency_seconds_sum', {
      thrift_method: 'twice',
      thrift_success: 'true',
    });

    expect(seconds).toBeGreaterThanOrEqual((released - arrived) / 1000);
    expect(seconds).toBeLessThanOrEqual((performance.now() - before) / 1000);
  });
});
