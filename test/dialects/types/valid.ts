// Compiles under --strict in both dialects. What must not compile is in invalid.ts.
/* oxlint-disable typescript/no-unnecessary-type-parameters -- the comparison of types needs it */
import { Thrift } from 'thrift';
import {
  type Call,
  type CallOf,
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  NotInstrumented,
  Objective,
  ThriftService,
  Timed,
  configureMetrics,
  getDeclaredMetrics,
  instrumentHandler,
} from 'thrift-metrics';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectTrue<_T extends true>() {}

enum Operation {
  Add = 1,
  Subtract = 2,
}

class InvalidOperation extends Thrift.TException {
  constructor(readonly what: { operation: Operation; why?: string }) {
    super(String(what.why));
  }
}

type Callback<T> = (error: Error | null, result?: T) => void;

class Plain<K extends string> {
  secret = 1;
  sum(a: number, b: number) {
    return a + b + this.secret;
  }
  async later(key: K, optional?: Date): Promise<Map<K, Date | undefined>> {
    return new Map([[key, optional]]);
  }
  echo<T>(value: T): T {
    return value;
  }
  overloaded(a: string): string;
  overloaded(a: number, b: number): number;
  overloaded(a: string | number, b?: number) {
    return typeof a === 'string' ? a : a + (b ?? 0);
  }
  called(a: number, callback: Callback<number>): void {
    callback(null, a);
  }
  bound(this: Plain<K>, ...rest: readonly boolean[]) {
    return rest.length + this.secret;
  }
  *lazily(): Generator<number, string, boolean> {
    return (yield 1) ? 'yes' : 'no';
  }
  static make(name: string) {
    return new Plain<string>().echo(name);
  }
}

@ThriftService('Calculator')
@Instrumented({ exceptions: [InvalidOperation], buckets: [0.1, 1], labels: { tier: 'gold' } })
class Decorated<K extends string> {
  secret = 1;
  @Counted @Timed @ErrorsCounted @InFlight sum(a: number, b: number) {
    return a + b + this.secret;
  }
  @Instrumented async later(key: K, optional?: Date): Promise<Map<K, Date | undefined>> {
    return new Map([[key, optional]]);
  }
  @Counted() @Timed() @ErrorsCounted() @InFlight() echo<T>(value: T): T {
    return value;
  }
  overloaded(a: string): string;
  overloaded(a: number, b: number): number;
  @Counted('overloaded_total')
  @Timed('overloaded_seconds')
  @ErrorsCounted('overloaded_errors_total')
  @InFlight('overloaded_active')
  overloaded(a: string | number, b?: number) {
    return typeof a === 'string' ? a : a + (b ?? 0);
  }
  @Instrumented() called(a: number, callback: Callback<number>): void {
    callback(null, a);
  }
  @NotInstrumented bound(this: Decorated<K>, ...rest: readonly boolean[]) {
    return rest.length + this.secret;
  }
  @Timed *lazily(): Generator<number, string, boolean> {
    return (yield 1) ? 'yes' : 'no';
  }
  @Counted static make(name: string) {
    return new Decorated<string>().echo(name);
  }
}

// Decoration keeps the type of a method, including generics, overloads and optional parameters.
type Same<M extends 'sum' | 'later' | 'echo' | 'overloaded' | 'called' | 'lazily'> = Equal<
  Decorated<'k'>[M],
  Plain<'k'>[M]
>;
expectTrue<Same<'sum'>>();
expectTrue<Same<'later'>>();
expectTrue<Same<'echo'>>();
expectTrue<Same<'overloaded'>>();
expectTrue<Same<'called'>>();
expectTrue<Same<'lazily'>>();
expectTrue<Equal<typeof Decorated.make, typeof Plain.make>>();
expectTrue<Equal<Parameters<Decorated<'k'>['bound']>, Parameters<Plain<'k'>['bound']>>>();

@Instrumented
class Bare {
  constructor(readonly limit: number) {}
  @NotInstrumented() helper(): void {}
}
new Bare(1).limit.toFixed();

@Instrumented()
abstract class Abstract<T> {
  abstract one(value: T): T;
  @Counted two(value: T) {
    return this.one(value);
  }
}

@ThriftService('Concrete')
class Concrete extends Abstract<number> {
  @Timed override one(value: number) {
    return value;
  }
  @Counted override two(value: number) {
    return super.two(value);
  }
}
new Concrete().two(1).toFixed();

@Instrumented({
  service: 'Options',
  counted: { name: 'options_requests_total', help: 'Requests', labels: { tier: 'gold' } },
  timed: { name: 'options_latency_seconds', buckets: [0.1, 1] },
  errorsCounted: { exceptions: [InvalidOperation, Thrift.TException] },
  inFlight: false,
})
class Options {
  @Counted('options_total', { help: 'Total number of requests' }) named() {}
  @Counted({
    labels: {
      constant: 'gold',
      operation: (call) => String(Operation[Number(call.args[0])]),
      outcome: (call) => (call.error === undefined ? `${call.service}.${call.method}` : 'failed'),
    },
  })
  labelled(operation: Operation) {
    return operation;
  }
  @Timed({ quantiles: [0.5, 0.99] }) summary() {}
  @ErrorsCounted({ name: 'options_errors_total', exceptions: [InvalidOperation] }) fail(): never {
    throw new InvalidOperation({ operation: Operation.Add });
  }
}
getDeclaredMetrics(Options);

configureMetrics({
  defaultLabels: { app: 'calculator' },
  prefix: 'my_',
  buckets: [0.1, 1],
  processMetrics: false,
  enabled: true,
  maxSeriesPerMetric: 100,
  onError: (error) => void error,
});

const handler = { add: (a: number, b: number) => a + b };
expectTrue<Equal<ReturnType<typeof instrumentAdd>, typeof handler>>();
function instrumentAdd() {
  return instrumentHandler(handler, { service: 'Calculator', exceptions: [InvalidOperation] });
}

// Functions in options see the types that one of them names, and any types where none does.
export class Typed {
  @Timed({
    labels: {
      same: ({ args, result }) => {
        expectTrue<Equal<typeof args, [left: number, right: number]>>();
        expectTrue<Equal<typeof result, number | undefined>>();
        return '';
      },
      all: ({ args, result }: CallOf<Typed['sum']>) => {
        expectTrue<Equal<typeof args, [left: number, right: number]>>();
        expectTrue<Equal<typeof result, number | undefined>>();
        return '';
      },
    },
    failed: ({ result }) => {
      expectTrue<Equal<typeof result, number | undefined>>();
      return result === 0 ? 'zero' : false;
    },
  })
  async sum(left: number, right: number) {
    return left + right;
  }
  @Instrumented<[number], number>({
    timed: { labels: { one: ({ args }) => args[0].toFixed() } },
    failed: ({ result = 0 }) => result < 0,
  })
  called(value: number, callback: Callback<number>) {
    callback(null, value);
  }
  @Counted('wider_total', {
    labels: {
      first: ({ args }: Call<[unknown, ...unknown[]]>) => String(args[0]),
      second: ({ args }: Call<[number | string, { readonly length: number }]>) =>
        String(args[1].length),
      any: ({ args }: Call) => String(args[2].anything),
    },
  })
  wider(value: number, text: string, _more?: boolean) {
    return text.repeat(value);
  }
  @Objective({ availability: 0.999 }) promised() {}
}

instrumentHandler(
  {
    half: (value: number) => value / 2,
    trim: async (text: string, _all: boolean | undefined) => text.trim(),
  },
  {
    labels: {
      size: (call) => {
        if (call.method === 'half') {
          expectTrue<Equal<typeof call.args, [value: number]>>();
          return 'one';
        }
        expectTrue<Equal<typeof call.args, [text: string, _all: boolean | undefined]>>();
        expectTrue<Equal<typeof call.result, string | undefined>>();
        return String(call.args[0].length);
      },
    },
    failed: (call) => call.method === 'trim' && call.result === '',
  },
);
const unknownHandler: object = handler;
instrumentHandler(unknownHandler, { labels: { any: ({ args }) => String(args[0].anything) } });
instrumentHandler(new Typed(), { labels: { any: ({ args }: Call) => String(args[0].anything) } });
