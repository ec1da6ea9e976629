import { Registry } from 'prom-client';
import 'reflect-metadata';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  getDeclaredMetrics,
  InFlight,
  instrument,
  Instrumented,
  instrumentHandler,
  NotInstrumented,
  ThriftService,
  Timed,
  type Call,
} from '../../src/index';
import { errorOf } from '../support/error-of';
import { samplesOf, valueOf } from '../support/value-of';

const registry = new Registry();
beforeAll(() => configureMetrics({ registry, onError: () => {} }));

class InvalidOperation extends Error {}

const contextOf = (name: string): ClassMethodDecoratorContext<object, () => void> =>
  ({ kind: 'method', name, static: false, private: false, addInitializer() {} }) as never;

function createGate(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((open) => (resolve = open));
  return { promise, resolve };
}

const requests = (service: string, method: string): Promise<number | undefined> =>
  valueOf(registry, 'thrift_server_requests_total', {
    thrift_service: service,
    thrift_method: method,
  });

describe('every form of a decorator', () => {
  it('a bare decorator measures its method', async () => {
    @Instrumented
    class BareHandler {
      @Counted add(a: number, b: number): number {
        return a + b;
      }
    }
    new BareHandler().add(1, 2);
    expect(await requests('Bare', 'add')).toBe(1);
  });

  it('a decorator called without arguments measures its method', async () => {
    @ThriftService('Called')
    class Handler {
      @Counted() add(a: number, b: number): number {
        return a + b;
      }
    }
    new Handler().add(1, 2);
    expect(await requests('Called', 'add')).toBe(1);
  });

  it('a metric name replaces the default name', async () => {
    @ThriftService('Named')
    class Handler {
      @Counted('named_requests_total') add(): void {}
    }
    new Handler().add();
    expect(await valueOf(registry, 'named_requests_total', { thrift_service: 'Named' })).toBe(1);
    expect(await requests('Named', 'add')).toBeUndefined();
  });

  it('a decorator takes a metric name and options', async () => {
    class Handler {
      @Counted('helped_requests_total', { help: 'Total number of requests' }) add(): void {}
    }
    void Handler;
    expect(registry.getSingleMetric('helped_requests_total')).toMatchObject({
      help: 'Total number of requests',
    });
  });

  it('a decorator takes the metric name and labels as options', async () => {
    @ThriftService('Options')
    class Handler {
      @Counted({ name: 'gold_requests_total', labels: { tier: 'gold' } }) add(): void {}
    }
    new Handler().add();
    expect(await valueOf(registry, 'gold_requests_total', { tier: 'gold' })).toBe(1);
  });

  it('a decorator measures a static method', async () => {
    @ThriftService('Static')
    class Handler {
      @Instrumented static make(): Handler {
        return new Handler();
      }
    }
    Handler.make();
    expect(await requests('Static', 'make')).toBe(1);
  });

  it('a legacy decorator measures its method', async () => {
    class LegacyHandler {
      add(a: number, b: number): number {
        return a + b;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(
      LegacyHandler.prototype,
      'add',
    ) as TypedPropertyDescriptor<(a: number, b: number) => number>;
    Object.defineProperty(
      LegacyHandler.prototype,
      'add',
      Counted(LegacyHandler.prototype, 'add', descriptor),
    );
    expect(await requests('Legacy', 'add')).toBe(0);
    expect(new LegacyHandler().add(1, 2)).toBe(3);
    expect(await requests('Legacy', 'add')).toBe(1);
  });
});

describe('a counter name without the ending _total', () => {
  const refusal = (name: string, right: string): RegExp =>
    new RegExp(`counter name '${name}' does not end in '_total'.*Name it '${right}'\\.$`);

  it.each<[string, string, (name: string) => unknown]>([
    ['Counted with a name', 'myapp_requests', (name) => Counted(name)(() => {}, contextOf('a'))],
    [
      'Counted with an option',
      'myapp_requests',
      (name) => Counted({ name })(() => {}, contextOf('b')),
    ],
    ['ErrorsCounted', 'myapp_requests', (name) => ErrorsCounted(name)(() => {}, contextOf('c'))],
    [
      'Instrumented',
      'myapp_requests',
      (name) => Instrumented({ counted: { name } })(() => {}, contextOf('d')),
    ],
    [
      'Instrumented with a name for errors',
      'myapp_requests',
      (name) => Instrumented({ errorsCounted: { name } })(() => {}, contextOf('e')),
    ],
    [
      'instrumentHandler',
      'myapp_requests',
      (name) => instrumentHandler({ add: () => 1 }, { service: 'S', counted: { name } }),
    ],
    [
      'instrument',
      'myapp_requests',
      (name) => instrument(() => 1, { service: 'S', method: 'add', errorsCounted: { name } }),
    ],
  ])('%s is refused, with the right name in the message', (_title, name, declare) => {
    const error = errorOf(() => declare(name));
    expect(error).toMatchObject({ code: 'TM_ERR_METRIC_NAME' });
    expect(error.message).toMatch(refusal(name, `${name}_total`));
    expect(registry.getSingleMetric(name)).toBeUndefined();
  });

  it.each([
    ['myapp_requests_count', 'myapp_requests_total'],
    ['myapp_requests_', 'myapp_requests_total'],
    ['myapp_requests_Total', 'myapp_requests_total'],
    ['requeststotal', 'requests_total'],
    ['_total', 'requests_total'],
  ])('%s is refused in favor of %s', (name, right) => {
    expect(errorOf(() => Counted(name)(() => {}, contextOf('add'))).message).toMatch(
      refusal(name, right),
    );
  });

  it('histograms, summaries and gauges need no ending', () => {
    class EndingHandler {
      @Timed('ending_latency') @InFlight('ending_active') run(): void {}
      @Timed('ending_summary', { quantiles: [0.5] }) other(): void {}
    }
    void EndingHandler;
    expect(registry.getSingleMetric('ending_latency')).toBeDefined();
  });
});

describe('the table of decorators', () => {
  @ThriftService('Table')
  class Handler {
    readonly gate = createGate();

    @Counted @Timed @ErrorsCounted({ exceptions: [InvalidOperation] }) @InFlight async run(
      error?: unknown,
    ): Promise<string> {
      await this.gate.promise;
      if (error !== undefined) throw error;
      return 'done';
    }
  }
  const labels = { thrift_service: 'Table', thrift_method: 'run' };
  const latencyCount = (success: string): Promise<number | undefined> =>
    valueOf(registry, 'thrift_server_latency_seconds_count', {
      ...labels,
      thrift_success: success,
    });

  it('Counted records when a call arrives, and InFlight adds 1 on arrival and subtracts 1 on settling', async () => {
    const handler = new Handler();
    const running = handler.run();
    expect(await valueOf(registry, 'thrift_server_requests_total', labels)).toBe(1);
    expect(await valueOf(registry, 'thrift_server_active_requests', labels)).toBe(1);
    expect(await latencyCount('true')).toBe(0);
    handler.gate.resolve();
    await running;
    expect(await valueOf(registry, 'thrift_server_active_requests', labels)).toBe(0);
  });

  it('Timed records when a call settles, by thrift_success', async () => {
    expect(await latencyCount('true')).toBe(1);
    const handler = new Handler();
    handler.gate.resolve();
    await expect(handler.run(new TypeError('no'))).rejects.toThrow('no');
    expect(await latencyCount('true')).toBe(1);
    expect(await latencyCount('false')).toBe(1);
  });

  it('ErrorsCounted records when a call fails, by type and kind', async () => {
    const handler = new Handler();
    handler.gate.resolve();
    await expect(handler.run(new InvalidOperation())).rejects.toThrow(InvalidOperation);
    const errors = async (type: string, kind: string): Promise<number | undefined> =>
      valueOf(registry, 'thrift_server_errors_total', {
        ...labels,
        thrift_exception_type: type,
        thrift_exception_kind: kind,
      });
    expect(await errors('TypeError', 'undeclared')).toBe(1);
    expect(await errors('InvalidOperation', 'declared')).toBe(1);
    expect(await errors('Error', 'undeclared')).toBe(0);
  });
});

describe('labels', () => {
  it('a label function sees args, method and service, and the outcome once it is known', async () => {
    const seen: Record<string, Call> = {};
    const label = (kind: string) => (call: Call) => {
      seen[kind] = { ...call };
      return 'x';
    };
    @ThriftService('Labels')
    class Handler {
      @Counted({ labels: { tag: label('counted') } })
      @InFlight({ labels: { tag: label('inFlight') } })
      @Timed({ labels: { tag: label('timed') } })
      @ErrorsCounted({ labels: { tag: label('errors') } })
      run(fail: boolean): string {
        if (fail) throw new RangeError('no');
        return 'result';
      }
    }
    new Handler().run(false);
    const arrival = { args: [false], method: 'run', service: 'Labels' };
    expect(seen['counted']).toEqual(arrival);
    expect(seen['inFlight']).toEqual(arrival);
    expect(seen['timed']).toEqual({ ...arrival, result: 'result' });
    expect(seen['errors']).toBeUndefined();
    expect(() => new Handler().run(true)).toThrow(RangeError);
    expect(seen['errors']).toMatchObject({ args: [true], error: new RangeError('no') });
    expect(seen['timed']).toMatchObject({ error: new RangeError('no') });
  });

  it('each label value computed from the arguments has its own series', async () => {
    enum Operation {
      ADD = 1,
      SUBTRACT,
    }
    @ThriftService('Enum')
    class Handler {
      @Counted({ labels: { op: (call) => Operation[call.args[1].op] as string } })
      calculate(logid: number, work: { op: Operation }): number {
        return logid + work.op;
      }
    }
    const handler = new Handler();
    handler.calculate(1, { op: Operation.ADD });
    handler.calculate(2, { op: Operation.ADD });
    handler.calculate(3, { op: Operation.SUBTRACT });
    const count = (op: string): Promise<number | undefined> =>
      valueOf(registry, 'thrift_server_requests_total', { thrift_service: 'Enum', op });
    expect(await count('ADD')).toBe(2);
    expect(await count('SUBTRACT')).toBe(1);
  });
});

describe('options', () => {
  it('Timed uses the given buckets', async () => {
    @ThriftService('Buckets')
    class Handler {
      @Timed({ buckets: [1, 2] }) run(): void {}
    }
    void Handler;
    const bounds = (await samplesOf(registry))
      .filter(
        ({ name, labels }) =>
          name === 'thrift_server_latency_seconds_bucket' &&
          labels['thrift_service'] === 'Buckets' &&
          labels['thrift_success'] === 'true',
      )
      .map(({ labels }) => labels['le']);
    expect(bounds).toEqual([1, 2, '+Inf']);
  });

  it('Timed with quantiles records a summary instead of a histogram', async () => {
    @ThriftService('Quantiles')
    class Handler {
      @Timed('summary_seconds', { quantiles: [0.5, 0.99] }) run(): void {}
    }
    new Handler().run();
    expect(registry.getSingleMetric('summary_seconds')).toMatchObject({ type: 'summary' });
    const labels = { thrift_service: 'Quantiles', thrift_success: 'true' };
    expect(await valueOf(registry, 'summary_seconds_count', labels)).toBe(1);
    const median = await valueOf(registry, 'summary_seconds', { ...labels, quantile: 0.5 });
    const sum = await valueOf(registry, 'summary_seconds_sum', labels);
    expect(Math.abs((median as number) / (sum as number) - 1)).toBeLessThanOrEqual(0.01);
  });

  it('Timed without buckets has the default ones', async () => {
    @ThriftService('DefaultBuckets')
    class Handler {
      @Timed run(): void {}
    }
    expect(getDeclaredMetrics(Handler)[0]?.buckets).toEqual([
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]);
  });

  it('without a list of exceptions, a TException that is not a TApplicationException counts as declared', async () => {
    const { Thrift } = await import('thrift');
    class Ouch extends Thrift.TException {}
    @ThriftService('Unlisted')
    class Handler {
      @ErrorsCounted run(error: unknown): void {
        throw error;
      }
    }
    const handler = new Handler();
    for (const error of [
      new Ouch('x'),
      new Thrift.TApplicationException(Thrift.TApplicationExceptionType.UNKNOWN, 'y'),
      new Error('z'),
      'text',
      null,
    ]) {
      expect(() => handler.run(error)).toThrow();
    }
    const counted = (await samplesOf(registry))
      .filter(
        ({ name, labels }) =>
          name === 'thrift_server_errors_total' && labels['thrift_service'] === 'Unlisted',
      )
      .map(({ labels, value }) => [
        labels['thrift_exception_type'],
        labels['thrift_exception_kind'],
        value,
      ]);
    expect(counted).toEqual([
      ['Error', 'undeclared', 1],
      ['Ouch', 'declared', 1],
      ['TApplicationException', 'undeclared', 1],
      ['string', 'undeclared', 1],
      ['null', 'undeclared', 1],
    ]);
  });

  it('Instrumented takes service, exceptions, buckets, labels, and options or false for each metric', async () => {
    @Instrumented({
      service: 'Chosen',
      exceptions: [InvalidOperation],
      buckets: [1],
      labels: { tier: 'gold' },
      counted: { name: 'chosen_total' },
      inFlight: false,
    })
    class Handler {
      run(): void {}
    }
    expect(getDeclaredMetrics(Handler)).toMatchObject([
      { kind: 'counted', name: 'chosen_total', service: 'Chosen', labels: { tier: 'gold' } },
      { kind: 'timed', buckets: [1], labels: { tier: 'gold' } },
      { kind: 'errorsCounted', exceptions: ['InvalidOperation'] },
    ]);
  });

  it('NotInstrumented excludes a method of an instrumented class', () => {
    @Instrumented
    class Handler {
      run(): void {}
      @NotInstrumented helper(): void {}
      @NotInstrumented() static make(): void {}
    }
    expect(new Set(getDeclaredMetrics(Handler).map(({ method }) => method))).toEqual(
      new Set(['run']),
    );
  });

  it('a method decorator overrides the class decorator for its metric and does not count twice', async () => {
    @Instrumented({ service: 'Override' })
    class Handler {
      @Counted('override_total') run(): void {}
    }
    new Handler().run();
    expect(await valueOf(registry, 'override_total')).toBe(1);
    expect(await requests('Override', 'run')).toBeUndefined();
    expect(
      await valueOf(registry, 'thrift_server_latency_seconds_count', {
        thrift_service: 'Override',
        thrift_success: 'true',
      }),
    ).toBe(1);
  });
});

describe('the service name', () => {
  const serviceOf = (handler: object): unknown => getDeclaredMetrics(handler)[0]?.service;

  it('ThriftService takes precedence over Instrumented in either order', () => {
    @ThriftService('First')
    @Instrumented({ service: 'Second' })
    class Outer {
      run(): void {}
    }
    @Instrumented({ service: 'Second' })
    @ThriftService('First')
    class Inner {
      run(): void {}
    }
    expect([serviceOf(Outer), serviceOf(Inner)]).toEqual(['First', 'First']);
  });

  it('without ThriftService, Instrumented names the service, or else the class name without a trailing Handler', () => {
    @Instrumented({ service: 'Second' })
    class Named {
      run(): void {}
    }
    @Instrumented
    class CalculatorHandler {
      run(): void {}
    }
    @Instrumented
    class Handler {
      run(): void {}
    }
    expect([Named, CalculatorHandler, Handler].map(serviceOf)).toEqual([
      'Second',
      'Calculator',
      'Handler',
    ]);
  });

  it('series under a service name that a later decorator replaces are removed', async () => {
    @ThriftService('Final')
    @Instrumented({ service: 'Provisional' })
    class Handler {
      run(): void {}
    }
    void Handler;
    const services = (await samplesOf(registry)).map(({ labels }) => labels['thrift_service']);
    expect(services).toContain('Final');
    expect(services).not.toContain('Provisional');
  });

  it('inherited methods keep the service of the class that declares them', async () => {
    @Instrumented({ service: 'Base' })
    class BaseHandler {
      shared(): void {}
      again(): void {}
    }
    @ThriftService('Derived')
    class DerivedHandler extends BaseHandler {
      @Counted override again(): void {}
    }
    const handler = new DerivedHandler();
    handler.shared();
    handler.again();
    expect(await requests('Base', 'shared')).toBe(1);
    expect(await requests('Derived', 'shared')).toBeUndefined();
    expect(await requests('Derived', 'again')).toBe(1);
    expect(await requests('Base', 'again')).toBe(0);
  });
});

describe('registration', () => {
  it('at class definition, every series with constant labels exists at 0', async () => {
    @Instrumented({ service: 'Zero', exceptions: [InvalidOperation] })
    class Handler {
      run(): void {}
    }
    void Handler;
    const own = (await samplesOf(registry)).filter(
      ({ labels }) => labels['thrift_service'] === 'Zero',
    );
    expect(own.every(({ value }) => value === 0)).toBe(true);
    // One request counter, two gauges, two errors, three kinds of failure, two of the event loop, and for each outcome 15
    // buckets, sum and count.
    expect(own).toHaveLength(1 + 2 + 2 + 3 + 2 + 2 * 17);
  });

  it('without a class decorator, the standard dialect registers series at the first construction', async () => {
    class LateHandler {
      @Counted('late_total') run(): void {}
    }
    expect(registry.getSingleMetric('late_total')).toBeDefined();
    expect(await valueOf(registry, 'late_total')).toBeUndefined();
    const handler = new LateHandler();
    expect(await valueOf(registry, 'late_total', { thrift_service: 'Late' })).toBe(0);
    handler.run();
    expect(await valueOf(registry, 'late_total', { thrift_service: 'Late' })).toBe(1);
  });

  it('without a class decorator, the standard dialect registers series at the first call', async () => {
    class CalledHandler {
      @Counted('first_call_total') run(): void {}
    }
    CalledHandler.prototype.run.call(Object.create(CalledHandler.prototype) as CalledHandler);
    expect(await valueOf(registry, 'first_call_total', { thrift_service: 'Called' })).toBe(1);
  });

  it('declaring a class again reuses its families and series', async () => {
    const define = (): { run(): void } => {
      @Instrumented({ service: 'Reloaded' })
      class Handler {
        run(): void {}
      }
      return new Handler();
    };
    define().run();
    define().run();
    expect(await requests('Reloaded', 'run')).toBe(2);
  });

  it('methods of one family may have different labels and buckets, and the first help is kept', async () => {
    @ThriftService('Mixed')
    class Handler {
      @Timed('mixed_seconds', { help: 'first', labels: { a: '1' }, buckets: [1] }) one(): void {}
      @Timed('mixed_seconds', { help: 'second', labels: { b: '2' }, buckets: [2] }) two(): void {}
    }
    expect(registry.getSingleMetric('mixed_seconds')).toMatchObject({ help: 'first' });
    expect(getDeclaredMetrics(Handler).map(({ labels, buckets }) => [labels, buckets])).toEqual([
      [{ a: '1' }, [1]],
      [{ b: '2' }, [2]],
    ]);
    const text = await registry.getSingleMetricAsString('mixed_seconds');
    expect(text).toMatch(/mixed_seconds_count\{a="1",thrift_method="one"/);
    expect(text).toMatch(/mixed_seconds_count\{b="2",thrift_method="two"/);
  });

  it('the same metric name with another type is an error that names both locations', () => {
    @ThriftService('Typed')
    class FirstHandler {
      @Counted('typed_total') run(): void {}
    }
    void FirstHandler;
    const legacy = errorOf(() => {
      class SecondHandler {
        run(): void {}
      }
      Timed('typed_total')(SecondHandler.prototype, 'run', descriptorOf(SecondHandler, 'run'));
    });
    // A standard method decorator does not know its class, so the message gives the source location.
    const standard = errorOf(() => {
      class SecondHandler {
        @Timed('typed_total') run(): void {}
      }
      void SecondHandler;
    });
    expect([legacy.code, standard.code]).toEqual(['TM_ERR_TYPE_CONFLICT', 'TM_ERR_TYPE_CONFLICT']);
    expect(legacy.message).toContain('SecondHandler.run');
    expect(standard.message).toMatch(/method run \(.*1-decorators\.test\.ts:\d+:\d+\)/);
    for (const { message } of [legacy, standard]) expect(message).toContain('FirstHandler.run');
  });

  it('the same series with other buckets is an error that names both locations', () => {
    const define = (): void => {
      @ThriftService('Shaped')
      class FirstHandler {
        @Timed({ buckets: [1, 2] }) run(): void {}
      }
      void FirstHandler;
    };
    define();
    define();
    const error = errorOf(() => {
      @ThriftService('Shaped')
      class SecondHandler {
        @Timed({ buckets: [1, 3] }) run(): void {}
      }
      void SecondHandler;
    });
    expect(error.code).toBe('TM_ERR_SERIES_CONFLICT');
    expect(error.message).toContain('FirstHandler.run');
    expect(error.message).toContain('SecondHandler.run');
  });
});

describe('a stack of decorators is one wrapper', () => {
  it('stacked legacy decorators share one wrapper', () => {
    const original = function run(this: unknown): void {};
    const descriptor = { value: original, writable: true, configurable: true, enumerable: false };
    class StackHandler {}
    const wrappers = [Counted, Timed, ErrorsCounted, InFlight].map((decorator) => {
      decorator(StackHandler.prototype, 'run', descriptor);
      return descriptor.value;
    });
    expect(new Set(wrappers).size).toBe(1);
    expect(wrappers[0]).not.toBe(original);
  });

  it('a stack of decorators adds one promise reaction to an async method', async () => {
    let reactions = 0;
    const { then } = Promise.prototype;
    // oxlint-disable-next-line no-extend-native -- counts the reactions, and is restored below
    Promise.prototype.then = function count(this: Promise<unknown>, ...args: unknown[]) {
      reactions++;
      return Reflect.apply(then, this, args) as Promise<unknown>;
    } as typeof then;
    try {
      class Handler {
        @Counted @Timed @ErrorsCounted @InFlight async run(): Promise<void> {}
      }
      void new Handler().run();
    } finally {
      // oxlint-disable-next-line no-extend-native -- restores the original
      Promise.prototype.then = then;
    }
    expect(reactions).toBe(1);
  });
});

describe('getDeclaredMetrics', () => {
  it('getDeclaredMetrics returns what was declared, including inherited methods', () => {
    @Instrumented({ service: 'Base', inFlight: false, timed: false, errorsCounted: false })
    class BaseHandler {
      shared(): void {}
    }
    @ThriftService('Read')
    class ReadHandler extends BaseHandler {
      @Counted({ labels: { tier: 'gold', op: () => 'x' } }) static own(): void {}
    }
    expect(getDeclaredMetrics(ReadHandler)).toEqual([
      {
        kind: 'counted',
        name: 'thrift_server_requests_total',
        type: 'counter',
        help: 'Total number of Thrift calls that reached the handler.',
        service: 'Read',
        method: 'own',
        static: true,
        declaredBy: 'ReadHandler',
        labelNames: ['op', 'thrift_method', 'thrift_service', 'tier'],
        labels: { tier: 'gold' },
      },
      expect.objectContaining({ service: 'Base', method: 'shared', declaredBy: 'BaseHandler' }),
    ]);
  });

  it('declarations are stored in reflect-metadata, and other metadata is kept', () => {
    class MetadataHandler {
      run(): void {}
    }
    const { prototype } = MetadataHandler;
    Reflect.defineMetadata('role', 'admin', prototype, 'run');
    Reflect.defineMetadata('route', '/run', prototype.run);
    Object.defineProperty(
      prototype,
      'run',
      Counted(prototype, 'run', descriptorOf(MetadataHandler, 'run')),
    );
    expect(Reflect.getMetadata('role', prototype, 'run')).toBe('admin');
    expect(Reflect.getMetadata('route', prototype.run)).toBe('/run');
    expect(Reflect.getOwnMetadataKeys(MetadataHandler)).toEqual(['thrift-metrics:declarations']);
  });
});

function descriptorOf(
  handler: new () => object,
  key: string,
): TypedPropertyDescriptor<(this: unknown) => void> {
  return Object.getOwnPropertyDescriptor(handler.prototype, key) as TypedPropertyDescriptor<
    (this: unknown) => void
  >;
}
