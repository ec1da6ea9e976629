import { Registry } from 'prom-client';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  instrument,
  instrumentHandler,
  renderMetrics,
  resetMetrics,
  ThriftMetricsError,
  ThriftService,
  Timed,
  type Call,
} from '../../src/index';
import { errorOf } from '../support/error-of';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import { samplesOf, valueOf } from '../support/value-of';

const registry = new Registry();
const onError = vi.fn<(error: unknown, site: string) => void>();
beforeAll(() => configureMetrics({ registry, onError }));
afterEach(() => {
  configureMetrics({ maxSeriesPerMetric: 2000, enabled: true, exemplar: null });
  resetMetrics();
  onError.mockClear();
});

interface Reply {
  readonly status: string;
}
type Callback = (error: unknown, reply?: Reply) => void;

const OK: Reply = { status: 'OK' };
const INVALID: Reply = { status: 'INVALID' };

/** A `failed` that names every status but OK. */
const byStatus = ({ result }: Call): boolean | string =>
  result.status === 'OK' ? false : (result as Reply).status;

/** Decorators as JavaScript calls them, with options that the types reject. */
function untyped(decorators: readonly unknown[]) {
  return decorators as readonly ((options: object) => typeof Counted)[];
}

/** Errors of one method by kind and type, including zeros. */
async function errorsOf(
  service: string,
  name = 'thrift_server_errors_total',
): Promise<Record<string, number>> {
  const errors = (await samplesOf(registry)).filter(
    (sample) => sample.name === name && sample.labels['thrift_service'] === service,
  );
  return Object.fromEntries(
    errors.map(({ labels, value }) => [
      `${labels['thrift_exception_kind']} ${labels['thrift_exception_type']}`,
      value,
    ]),
  );
}

/** Calls of one service: settled by outcome, counted, in progress, and errors that are not 0. */
async function countsOf(service: string) {
  const value = (name: string, labels = {}) =>
    valueOf(registry, name, { thrift_service: service, ...labels });
  const latency = 'thrift_server_latency_seconds_count';
  const errors = Object.entries(await errorsOf(service)).filter(([, count]) => count !== 0);
  return {
    requests: await value('thrift_server_requests_total'),
    ok: await value(latency, { thrift_success: 'true' }),
    failed: await value(latency, { thrift_success: 'false' }),
    active: await value('thrift_server_active_requests'),
    errors: Object.fromEntries(errors),
  };
}

const counts = (ok: number, failed: number, errors: Record<string, number> = {}) => ({
  requests: ok + failed,
  ok,
  failed,
  active: 0,
  errors,
});

/** The faults that metrics code has counted. */
async function faults(): Promise<number> {
  return (await samplesOf(registry))
    .filter(({ name }) => name === 'thrift_metrics_internal_errors_total')
    .reduce((sum, { value }) => sum + value, 0);
}

describe('a call that returned but counts as failed', () => {
  it('the series of type and kind result exists at 0 from the definition of the class', async () => {
    @Instrumented({ failed: () => true })
    class ZeroHandler {
      run(): void {}
    }
    @Instrumented
    class PlainHandler {
      run(): void {}
    }
    void [ZeroHandler, PlainHandler];
    expect(await errorsOf('Zero')).toEqual({ 'undeclared Error': 0, 'result result': 0 });
    expect(await errorsOf('Plain')).toEqual({ 'undeclared Error': 0 });
  });

  it('the error counter of a @Timed({ failed }) alone has no series of kind result', async () => {
    @ThriftService('TimedZero')
    class Handler {
      @Timed({ failed: () => true }) @ErrorsCounted run(): void {}
    }
    void Handler;
    expect(await errorsOf('TimedZero')).toEqual({ 'undeclared Error': 0 });
  });

  it('its latency has thrift_success false, and it is counted once as an error', async () => {
    class OnceHandler {
      @Instrumented({ failed: byStatus }) run(reply: Reply): Reply {
        return reply;
      }
    }
    const handler = new OnceHandler();
    expect(handler.run(INVALID)).toBe(INVALID);
    expect(await countsOf('Once')).toEqual(counts(0, 1, { 'result INVALID': 1 }));
    expect(handler.run(OK)).toBe(OK);
    expect(await countsOf('Once')).toEqual(counts(1, 1, { 'result INVALID': 1 }));
  });

  it.each([
    ['true', () => true, { 'result result': 1 }],
    ['a string', () => 'QUOTA', { 'result QUOTA': 1 }],
    ['a string like a built-in type', () => '__proto__', { 'result __proto__': 1 }],
    ['false', () => false, null],
    ['an empty string', () => '', null],
    ['undefined', () => undefined, null],
  ])('a function that returns %s decides without a fault', async (what, failed, errors) => {
    const service = `Decides ${what}`;
    const run = instrument((reply: Reply) => reply, {
      service,
      method: 'run',
      failed: failed as () => boolean,
    });
    expect(run(OK)).toBe(OK);
    const entries = Object.entries(await errorsOf(service)).filter(([, value]) => value > 0);
    expect(entries).toEqual(Object.entries(errors ?? {}));
    const labels = { thrift_service: service, thrift_success: String(errors === null) };
    expect(await valueOf(registry, 'thrift_server_latency_seconds_count', labels)).toBe(1);
    expect(onError).not.toHaveBeenCalled();
  });

  const hostile = new Proxy((_hint: string) => {}, {
    get: () => {
      throw new Error('trap');
    },
  });
  it.each([
    ['a number', () => 1],
    ['the number 0', () => 0],
    ['an object', () => ({ failed: true })],
    ['a boxed boolean', () => Object(true) as unknown],
    ['a symbol', () => Symbol('x')],
    ['a promise', async () => true],
    ['a promise that rejects', () => Promise.reject(new Error('late'))],
    ['a thenable that throws', () => ({ then: () => hostile('then') })],
    ['a proxy that throws', () => hostile],
    ['an object that throws when it is printed', () => ({ [Symbol.toPrimitive]: hostile })],
  ])(
    'a function that returns %s is a fault, and the call counts as a success',
    async (what, failed) => {
      const service = `Wrong ${what}`;
      const run = instrument((reply: Reply) => reply, {
        service,
        method: 'run',
        failed: failed as () => boolean,
      });
      const unhandled = await unhandledRejectionsOf(() => {
        expect(run(OK)).toBe(OK);
        expect(run(INVALID)).toBe(INVALID);
      });
      expect(unhandled).toEqual([]);
      expect(await countsOf(service)).toEqual(counts(2, 0));
      expect(await faults()).toBe(2);
      expect(onError).toHaveBeenCalledTimes(1);
    },
  );

  it('a wrong value is reported with what was returned and what is expected', () => {
    class ReportedHandler {
      @Instrumented({ failed: () => 7 as unknown as boolean }) run(): void {}
    }
    new ReportedHandler().run();
    const [error] = onError.mock.calls[0] ?? [];
    expect(error).toBeInstanceOf(ThriftMetricsError);
    expect(error).toMatchObject({ code: 'TM_ERR_FAILED_FUNCTION' });
    expect((error as Error).message).toMatch(
      /ReportedHandler\.run.*'failed'.*7.*true, false.*string/,
    );
  });

  it('a function that throws is a fault, which starts at 0, and the call counts as a success', async () => {
    const fault = new Error('fault of failed');
    @Instrumented({
      failed: () => {
        throw fault;
      },
    })
    class ThrowsHandler {
      async run(reply: Reply): Promise<Reply> {
        return reply;
      }
    }
    const atZero = (await samplesOf(registry)).filter(
      ({ name, labels }) =>
        name === 'thrift_metrics_internal_errors_total' &&
        String(labels['site']).includes('ThrowsHandler.run'),
    );
    expect(atZero.map(({ value }) => value)).toEqual([0]);
    const handler = new ThrowsHandler();
    expect(await handler.run(OK)).toBe(OK);
    expect(await handler.run(OK)).toBe(OK);
    expect(await countsOf('Throws')).toEqual(counts(2, 0));
    expect(await faults()).toBe(2);
    expect(onError.mock.calls.map(([error]) => error)).toEqual([fault]);
  });

  it.each([
    ['a number', 1],
    ['a string', 'INVALID'],
    ['true', true],
    ['null', null],
    ['an object', {}],
  ])('an option that is %s is an error that says what is expected', (_what, failed) => {
    const options = { failed } as object;
    for (const decorate of untyped([Timed, ErrorsCounted, Instrumented])) {
      const error = errorOf(() => {
        class Handler {
          @decorate(options) run(): void {}
        }
        void Handler;
      });
      expect(error.code).toBe('TM_ERR_OPTION_INVALID');
      expect(error.message).toMatch(/'failed'.*Expected a function/);
    }
    const handler = errorOf(() => instrumentHandler({ run() {} }, options));
    expect(handler.message).toMatch(/'failed'.*Expected a function/);
  });

  it('Counted and InFlight do not have the option', () => {
    for (const decorate of untyped([Counted, InFlight])) {
      const error = errorOf(() => {
        class Handler {
          @decorate({ failed: () => true }) run(): void {}
        }
        void Handler;
      });
      expect(error).toMatchObject({ code: 'TM_ERR_OPTION_UNKNOWN' });
    }
  });
});

describe('ways to return', () => {
  it('a promise, a thenable and a callback are judged by what they settle with', async () => {
    const thenable = (reply: Reply): PromiseLike<Reply> =>
      ({ then: (settle: (value: Reply) => void) => settle(reply) }) as PromiseLike<Reply>;
    class WaysHandler {
      @Instrumented({ failed: byStatus }) async async(reply: Reply): Promise<Reply> {
        return reply;
      }
      @Instrumented({ failed: byStatus }) promise(reply: Reply): Promise<Reply> {
        return Promise.resolve(reply);
      }
      @Instrumented({ failed: byStatus }) thenable(reply: Reply): PromiseLike<Reply> {
        return thenable(reply);
      }
      @Instrumented({ failed: byStatus }) callback(reply: Reply, done: Callback): void {
        done(null, reply);
      }
      @Instrumented({ failed: byStatus }) later(reply: Reply, done: Callback): void {
        setImmediate(() => done(undefined, reply));
      }
      @Instrumented({ failed: byStatus }) static static(reply: Reply): Reply {
        return reply;
      }
    }
    const handler = new WaysHandler();
    const called = (method: 'callback' | 'later', reply: Reply) =>
      new Promise((resolve) => handler[method](reply, (_error, result) => resolve(result)));
    for (const reply of [OK, INVALID]) {
      expect(await handler.async(reply)).toBe(reply);
      expect(await handler.promise(reply)).toBe(reply);
      const settled = await new Promise((resolve) => void handler.thenable(reply).then(resolve));
      expect(settled).toBe(reply);
      expect(await called('callback', reply)).toBe(reply);
      expect(await called('later', reply)).toBe(reply);
      expect(WaysHandler.static(reply)).toBe(reply);
    }
    for (const method of ['async', 'promise', 'thenable', 'callback', 'later', 'static']) {
      const of = { thrift_service: 'Ways', thrift_method: method };
      const latency = 'thrift_server_latency_seconds_count';
      expect([
        method,
        await valueOf(registry, latency, { ...of, thrift_success: 'true' }),
        await valueOf(registry, latency, { ...of, thrift_success: 'false' }),
        await valueOf(registry, 'thrift_server_errors_total', {
          ...of,
          thrift_exception_type: 'INVALID',
          thrift_exception_kind: 'result',
        }),
        await valueOf(registry, 'thrift_server_active_requests', of),
      ]).toEqual([method, 1, 1, 1, 0]);
    }
  });

  it('a callback that is called twice is judged once, by its first result', async () => {
    const failed = vi.fn(byStatus);
    class TwiceHandler {
      @Instrumented({ failed }) run(first: Callback): void {
        first(null, INVALID);
        first(null, OK);
        first(new Error('late'));
      }
    }
    const answers: unknown[] = [];
    new TwiceHandler().run((...args) => answers.push(args));
    expect(answers).toEqual([[null, INVALID], [null, OK], [new Error('late')]]);
    expect(failed).toHaveBeenCalledTimes(1);
    expect(await countsOf('Twice')).toEqual(counts(0, 1, { 'result INVALID': 1 }));
  });

  it('a call that threw, rejected or passed an error to its callback is not judged', async () => {
    const failed = vi.fn(() => 'JUDGED');
    class ErrorsHandler {
      @Instrumented({ failed }) run(how: string, done?: Callback): unknown {
        if (how === 'reject') return Promise.reject(new TypeError('no'));
        if (how === 'callback') return done?.(new TypeError('no'), OK);
        throw new TypeError('no');
      }
    }
    const handler = new ErrorsHandler();
    expect(() => handler.run('throw')).toThrow('no');
    await expect(handler.run('reject')).rejects.toThrow('no');
    handler.run('callback', () => {});
    expect(failed).not.toHaveBeenCalled();
    expect(await countsOf('Errors')).toEqual(counts(0, 3, { 'undeclared TypeError': 3 }));
  });

  it('a call is not judged before it settles', async () => {
    const failed = vi.fn(byStatus);
    let settle: (reply: Reply) => void = () => {};
    class PendingHandler {
      @Instrumented({ failed }) run(): Promise<Reply> {
        return new Promise((resolve) => (settle = resolve));
      }
    }
    const running = new PendingHandler().run();
    expect(failed).not.toHaveBeenCalled();
    expect(await countsOf('Pending')).toMatchObject({ ok: 0, failed: 0, active: 1, errors: {} });
    settle(INVALID);
    expect(await running).toBe(INVALID);
    expect(failed).toHaveBeenCalledTimes(1);
  });

  it('the function sees args with the callback, method, service and the result itself', () => {
    const seen: Call[] = [];
    @ThriftService('Seen')
    class Handler {
      @Instrumented({
        failed: (call) => {
          seen.push({ ...call });
          return false;
        },
      })
      run(_id: number, done: Callback): void {
        done(null, OK);
      }
    }
    const done = (): void => {};
    new Handler().run(7, done);
    expect(seen).toEqual([{ args: [7, done], method: 'run', service: 'Seen', result: OK }]);
    expect(seen[0]?.args[1]).toBe(done);
    expect(seen[0]?.result).toBe(OK);
  });

  it('what the function does to the call reaches neither the method nor the caller', async () => {
    const received: unknown[][] = [];
    class TamperedHandler {
      @Instrumented({
        failed: (call) => {
          (call.args as unknown[]).length = 0;
          Object.assign(call, { result: null, error: new Error('x'), method: 'other' });
          return 'TAMPERED';
        },
      })
      async run(...args: unknown[]): Promise<unknown> {
        await Promise.resolve();
        received.push(args);
        return OK;
      }
    }
    expect(await new TamperedHandler().run(1, 2)).toBe(OK);
    expect(received).toEqual([[1, 2]]);
    expect(await countsOf('Tampered')).toEqual(counts(0, 1, { 'result TAMPERED': 1 }));
  });

  it('the time of the function is not part of the latency', async () => {
    class SlowHandler {
      @Timed({
        failed: () => {
          const end = performance.now() + 200;
          while (performance.now() < end);
          return true;
        },
      })
      run(): void {}
    }
    new SlowHandler().run();
    const labels = { thrift_service: 'Slow', thrift_success: 'false' };
    const seconds = await valueOf(registry, 'thrift_server_latency_seconds_sum', labels);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(0.2);
  });
});

describe('metrics that share a function', () => {
  it('Instrumented asks once per call', () => {
    const failed = vi.fn(() => true);
    @Instrumented({ failed })
    class AskedHandler {
      run(): void {}
    }
    new AskedHandler().run();
    expect(failed).toHaveBeenCalledTimes(1);
  });

  it('Timed and ErrorsCounted ask a shared function once per call, in either order', async () => {
    const failed = vi.fn(() => true);
    @ThriftService('Shared')
    class Handler {
      @Counted @Timed({ failed }) @ErrorsCounted({ failed }) @InFlight run(): void {}
    }
    @ThriftService('Swapped')
    class Swapped {
      @ErrorsCounted({ failed }) @Timed({ failed }) @InFlight @Counted run(): void {}
    }
    new Handler().run();
    expect(failed).toHaveBeenCalledTimes(1);
    new Swapped().run();
    expect(failed).toHaveBeenCalledTimes(2);
    expect(await countsOf('Shared')).toEqual(counts(0, 1, { 'result result': 1 }));
    expect(await countsOf('Swapped')).toEqual(counts(0, 1, { 'result result': 1 }));
  });

  it('different functions are each asked once, and each decides for its metric', async () => {
    const timed = vi.fn(() => false);
    const counted = vi.fn(() => 'COUNTED');
    @ThriftService('Apart')
    class Handler {
      @Counted @InFlight @Timed({ failed: timed }) @ErrorsCounted({ failed: counted }) run() {}
    }
    @Instrumented({ failed: counted, timed: { failed: timed } })
    class OwnHandler {
      run(): void {}
    }
    new Handler().run();
    expect([timed.mock.calls.length, counted.mock.calls.length]).toEqual([1, 1]);
    new OwnHandler().run();
    expect([timed.mock.calls.length, counted.mock.calls.length]).toEqual([2, 2]);
    for (const service of ['Apart', 'Own']) {
      expect(await countsOf(service)).toEqual(counts(1, 0, { 'result COUNTED': 1 }));
    }
  });

  it('a decorator with the option decides for its own metric only, in either order', async () => {
    const failed = (): string => 'BAD';
    @ThriftService('TimedOver')
    class TimedOver {
      @Counted @InFlight @Timed({ failed }) @ErrorsCounted run(): void {}
    }
    @ThriftService('TimedUnder')
    class TimedUnder {
      @Counted @InFlight @ErrorsCounted @Timed({ failed }) run(): void {}
    }
    @ThriftService('ErrorsOver')
    class ErrorsOver {
      @ErrorsCounted({ failed }) @Timed @Counted @InFlight run(): void {}
    }
    @ThriftService('ErrorsUnder')
    class ErrorsUnder {
      @Timed @Counted @InFlight @ErrorsCounted({ failed }) run(): void {}
    }
    for (const Handler of [TimedOver, TimedUnder, ErrorsOver, ErrorsUnder]) new Handler().run();
    for (const service of ['TimedOver', 'TimedUnder']) {
      expect(await countsOf(service)).toEqual(counts(0, 1));
    }
    for (const service of ['ErrorsOver', 'ErrorsUnder']) {
      expect(await countsOf(service)).toEqual(counts(1, 0, { 'result BAD': 1 }));
    }
  });

  it('on a class, the option applies to the metrics that no method decorator records', async () => {
    const failed = vi.fn(() => 'BAD');
    @Instrumented({ failed, service: 'Beside' })
    class Beside {
      @Timed run(): void {}
    }
    @Instrumented({ failed, service: 'BesideBoth' })
    class BesideBoth {
      @Timed({ failed: () => false }) @ErrorsCounted run(): void {}
    }
    @Instrumented({ service: 'Under' })
    class Under {
      @Timed({ failed }) run(): void {}
    }
    new Beside().run();
    expect(await countsOf('Beside')).toEqual(counts(1, 0, { 'result BAD': 1 }));
    expect(failed).toHaveBeenCalledTimes(1);
    new BesideBoth().run();
    expect(await countsOf('BesideBoth')).toEqual(counts(1, 0));
    expect(failed).toHaveBeenCalledTimes(1);
    new Under().run();
    expect(await countsOf('Under')).toEqual(counts(0, 1));
    expect(failed).toHaveBeenCalledTimes(2);
  });

  it('without timed and errorsCounted the function is not needed and not asked', async () => {
    const failed = vi.fn(() => true);
    @Instrumented({ failed, timed: false, errorsCounted: false })
    class BareHandler {
      run(): void {}
    }
    new BareHandler().run();
    expect(failed).not.toHaveBeenCalled();
  });
});

describe('together with other options', () => {
  it('label functions of a failed call see its result and no error', async () => {
    const seen: unknown[] = [];
    const status = ({ result, error }: Call): string => {
      seen.push([result, error]);
      return result === undefined ? 'arriving' : (result as Reply).status;
    };
    @ThriftService('LabelsAndFailed')
    class Handler {
      @Timed({ failed: () => true, labels: { status } })
      @ErrorsCounted({ failed: () => true, labels: { status } })
      run(reply: Reply): Reply {
        return reply;
      }
    }
    new Handler().run(INVALID);
    const labels = { thrift_service: 'LabelsAndFailed', status: 'INVALID' };
    const latency = 'thrift_server_latency_seconds_count';
    expect(await valueOf(registry, latency, { ...labels, thrift_success: 'false' })).toBe(1);
    const kind = { thrift_exception_kind: 'result', thrift_exception_type: 'result' };
    expect(await valueOf(registry, 'thrift_server_errors_total', { ...labels, ...kind })).toBe(1);
    expect(seen).not.toEqual([]);
    for (const [result, error] of seen as unknown[][]) {
      expect(result).toBe(INVALID);
      expect(error).toBeUndefined();
    }
  });

  it('with quantiles, the call goes to the summary of failed calls', async () => {
    @ThriftService('FailedSummary')
    class Handler {
      @Timed('failed_summary_seconds', { quantiles: [0.5], failed: byStatus })
      run(reply: Reply): Reply {
        return reply;
      }
    }
    new Handler().run(INVALID);
    const count = (success: string) =>
      valueOf(registry, 'failed_summary_seconds_count', { thrift_success: success });
    expect([await count('true'), await count('false')]).toEqual([0, 1]);
  });

  it('the exemplar of the call is on the failed bucket and on the error of kind result', async () => {
    class TracedHandler {
      @Instrumented({ failed: byStatus }) run(reply: Reply): Reply {
        return reply;
      }
    }
    configureMetrics({ exemplar: () => ({ trace_id: 'abc' }) });
    new TracedHandler().run(INVALID);
    const { body } = await renderMetrics({ accept: 'application/openmetrics-text' });
    const lines = body
      .toString()
      .split('\n')
      .filter((line) => line.includes('# {trace_id="abc"}'));
    expect(lines).toHaveLength(2);
    expect(lines.find((line) => line.startsWith('thrift_server_errors_total{'))).toMatch(
      /thrift_exception_kind="result".*thrift_exception_type="INVALID".*\} 1 #/,
    );
    expect(lines.find((line) => line.includes('_seconds_bucket{'))).toContain(
      'thrift_success="false"',
    );
  });

  it('disabled metrics do not ask', async () => {
    const failed = vi.fn(() => true);
    class DisabledHandler {
      @Instrumented({ failed }) run(reply: Reply, done?: Callback): unknown {
        done?.(null, reply);
        return reply;
      }
    }
    configureMetrics({ enabled: false });
    const handler = new DisabledHandler();
    expect(handler.run(INVALID)).toBe(INVALID);
    handler.run(INVALID, () => {});
    expect(failed).not.toHaveBeenCalled();
    expect(await errorsOf('Disabled')).toMatchObject({ 'result result': 0 });
    configureMetrics({ enabled: true });
    handler.run(INVALID);
    expect(failed).toHaveBeenCalledTimes(1);
  });

  it('types past maxSeriesPerMetric go to _other and keep kind result', async () => {
    class EndlessHandler {
      @Instrumented({
        errorsCounted: { name: 'endless_errors_total' },
        failed: ({ args }) => args[0] as string,
      })
      run(_type: string): void {}
    }
    configureMetrics({ maxSeriesPerMetric: 4 });
    const handler = new EndlessHandler();
    for (let i = 0; i < 50; i++) handler.run(`T${i}`);
    expect(await errorsOf('Endless', 'endless_errors_total')).toEqual({
      'undeclared Error': 0,
      'result result': 0,
      'result T0': 1,
      'result T1': 1,
      'result _other': 48,
    });
    const dropped = { metric: 'endless_errors_total' };
    expect(await valueOf(registry, 'thrift_metrics_dropped_series_total', dropped)).toBe(48);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'TM_ERR_SERIES_LIMIT' });
  });

  it('resetMetrics sets the errors of kind result to 0, and later calls count from there', async () => {
    class ResetHandler {
      @Instrumented({ failed: byStatus }) run(reply: Reply): Reply {
        return reply;
      }
    }
    const handler = new ResetHandler();
    handler.run(INVALID);
    resetMetrics();
    const zeros = await errorsOf('Reset');
    expect(zeros['result result']).toBe(0);
    expect(Object.values(zeros).every((value) => value === 0)).toBe(true);
    handler.run(INVALID);
    handler.run(INVALID);
    expect(await countsOf('Reset')).toEqual({
      ...counts(0, 2, { 'result INVALID': 2 }),
    });
  });

  it('a subclass that calls the method of its base class judges each call once', async () => {
    const failed = vi.fn(byStatus);
    @Instrumented({ service: 'BaseOfFailed', failed })
    class Base {
      run(reply: Reply): Reply {
        return reply;
      }
    }
    @ThriftService('DerivedOfFailed')
    class Derived extends Base {
      @Instrumented({ failed }) override run(reply: Reply): Reply {
        return super.run(reply);
      }
    }
    new Derived().run(INVALID);
    expect(failed.mock.calls.map(([{ service }]) => service)).toEqual([
      'BaseOfFailed',
      'DerivedOfFailed',
    ]);
    for (const service of ['BaseOfFailed', 'DerivedOfFailed']) {
      expect(await countsOf(service)).toEqual(counts(0, 1, { 'result INVALID': 1 }));
    }
  });
});
