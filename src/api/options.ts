import type { MetricKind } from '../metrics/catalogue';
import type { ExceptionClass } from '../recording/exception';
import type { Call, CallOf, ResultOf } from '../recording/call';
import type { Method } from '../recording/wrap';
import type {
  Class,
  MemberKind,
  Mismatch,
  NotAnArgument,
  NotOnClass,
  NotOnField,
  NotOnMember,
  NotSecondArgument,
  NoSecondError,
  NotSwapped,
} from './misuse';

/** The value of a label: a constant, or a function that returns the value for one call. */
export type LabelValue<C extends Call = Call> = string | ((call: C) => string);

/** Decides whether a call that returned counts as failed. A string names the kind of failure. */
export type FailedFunction<C extends Call = Call> = (call: C) => boolean | string;

/** Options of every metric decorator. `C` is the type of the calls that label functions receive. */
export interface MetricOptions<C extends Call = Call> {
  /**
   * Name of the metric, without the prefix of `configureMetrics`. The name of a counter ends in `_total`.
   *
   * @default the name of the decorator's metric, such as `thrift_server_requests_total`
   */
  name?: string | undefined;
  /**
   * Help text of the metric. The first text that is declared for a name stays.
   *
   * @default the help text of the decorator's metric
   */
  help?: string | undefined;
  /**
   * Labels to add to those of the metric itself.
   *
   * @default none
   */
  labels?: Readonly<Record<string, LabelValue<C>>> | undefined;
}

/** Options of `Counted`. */
export type CountedOptions<C extends Call = Call> = MetricOptions<C>;

/** Options of `InFlight`. */
export type InFlightOptions<C extends Call = Call> = MetricOptions<C>;

/** Options of `Timed`. */
export interface TimedOptions<C extends Call = Call> extends MetricOptions<C> {
  /**
   * Upper bounds of the histogram's buckets, in seconds, ascending.
   *
   * @default the buckets of `configureMetrics`
   */
  buckets?: readonly number[] | undefined;
  /**
   * Adds exponential buckets to the classic ones, for scrapers that read protobuf, such as a Prometheus with native
   * histograms. Other formats contain the classic ones only.
   *
   * @default the value of `configureMetrics({ nativeHistograms })`
   */
  native?: boolean | undefined;
  /**
   * Quantiles of a summary over the last ten minutes, which replaces the histogram: numbers from 0 to 1, ascending.
   *
   * @default none: the metric is a histogram
   */
  quantiles?: readonly number[] | undefined;
  /**
   * Marks a call that returned as failed, with kind `result`; a string becomes its `thrift_exception_type`. Runs once,
   * when the call settles.
   *
   * @default none
   */
  failed?: FailedFunction<C> | undefined;
}

/** Options of `ErrorsCounted`. */
export interface ErrorsCountedOptions<C extends Call = Call> extends MetricOptions<C> {
  /**
   * Exceptions in the IDL `throws` of the method. They count as `declared`, and their series start at 0.
   *
   * @default none: every `TException` that is not a `TApplicationException` counts as `declared`
   */
  exceptions?: readonly ExceptionClass[] | undefined;
  /**
   * Marks a call that returned as failed, with kind `result`; a string becomes its `thrift_exception_type`. Runs once,
   * when the call settles.
   *
   * @default none
   */
  failed?: FailedFunction<C> | undefined;
}

/** Options of `Instrumented` and `instrumentHandler`. */
export interface InstrumentedOptions<C extends Call = Call> {
  /**
   * Name of the Thrift service. `ThriftService` takes precedence.
   *
   * @default the name of the class without a trailing `Handler`
   */
  service?: string | undefined;
  /**
   * Exceptions in the IDL `throws` of every method.
   *
   * @default none: every `TException` that is not a `TApplicationException` counts as `declared`
   */
  exceptions?: readonly ExceptionClass[] | undefined;
  /**
   * Upper bounds of the histogram's buckets, in seconds, ascending.
   *
   * @default the buckets of `configureMetrics`
   */
  buckets?: readonly number[] | undefined;
  /**
   * Labels to add to all four metrics.
   *
   * @default none
   */
  labels?: Readonly<Record<string, LabelValue<C>>> | undefined;
  /**
   * Marks a call that returned as failed, with kind `result`; a string becomes its `thrift_exception_type`. Runs once,
   * when the call settles.
   *
   * @default none
   */
  failed?: FailedFunction<C> | undefined;
  /**
   * Options of the counter of calls, or `false` to leave it out.
   *
   * @default the options of `Instrumented` itself
   */
  counted?: CountedOptions<C> | false | undefined;
  /**
   * Options of the latency histogram, or `false` to leave it out.
   *
   * @default the options of `Instrumented` itself
   */
  timed?: TimedOptions<C> | false | undefined;
  /**
   * Options of the counter of failed calls, or `false` to leave it out.
   *
   * @default the options of `Instrumented` itself
   */
  errorsCounted?: ErrorsCountedOptions<C> | false | undefined;
  /**
   * Options of the gauge of calls in progress, or `false` to leave it out.
   *
   * @default the options of `Instrumented` itself
   */
  inFlight?: InFlightOptions<C> | false | undefined;
}

/** Options of `instrument`. */
export interface InstrumentOptions<F extends Method = Method> extends Omit<
  InstrumentedOptions<CallOf<F>>,
  'service'
> {
  /**
   * Name of the Thrift service. Required, because it cannot be derived from a function.
   *
   * @default none: the option is required
   */
  service: string;
  /**
   * Name of the method.
   *
   * @default the name of the function
   */
  method?: string | undefined;
}

/** Options of `Objective`. At least one of `availability` and `latency` is required. */
export interface ObjectiveOptions {
  /**
   * Fraction of calls that must not fail: above 0 and below 1, such as 0.999.
   *
   * @default none
   */
  availability?: number | undefined;
  /**
   * Fraction of calls (`target`) that must settle within a number of seconds (`within`), which must be one of the
   * buckets of the method's histogram.
   *
   * @default none
   */
  latency?: { readonly target: number; readonly within: number } | undefined;
  /**
   * Time over which the fractions are computed: days or weeks, up to 90 days, such as `7d` or `4w`.
   *
   * @default '30d'
   */
  window?: string | undefined;
  /**
   * Whether exceptions that the IDL declares count as failures.
   *
   * @default false
   */
  declaredExceptionsAreErrors?: boolean | undefined;
  /**
   * What the fractions are computed of: the calls to each method (`'method'`), or the calls to all measured methods of the
   * class together (`'service'`), less the methods that have an objective of their own. `'service'` is for classes only.
   *
   * @default 'method'
   */
  scope?: 'method' | 'service' | undefined;
}

/**
 * A decorator for methods, in the standard and in the legacy dialect. `Args` and `Result` are the types that functions in
 * its options expect. The compiler rejects a method with other types.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
export interface MethodDecoration<Args extends readonly unknown[] = readonly any[], Result = any> {
  <F extends Method>(
    value: F,
    context: ClassMethodDecoratorContext<never, F>,
  ): Checked<F, F, Args, Result>;
  <F extends Method>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): Checked<F, TypedPropertyDescriptor<F>, Args, Result>;
}

/** A decorator for classes, in the standard and in the legacy dialect. */
export interface ClassDecoration {
  <C extends Class>(value: C, context: ClassDecoratorContext<C>): void;
  (value: Class): void;
}

/** `Returned` if the method `F` has the arguments and the result that functions in the options expect. */
type Checked<F extends Method, Returned, Args extends readonly unknown[], Result> =
  // oxlint-disable-next-line typescript/no-explicit-any -- the functions accept any call
  readonly any[] extends Args
    ? CheckedResult<F, Returned, Result>
    : // oxlint-disable-next-line typescript/no-explicit-any -- arguments that the functions do not read
      Parameters<F> extends readonly [...Args, ...any[]]
      ? CheckedResult<F, Returned, Result>
      : Mismatch<
          'A function in the options expects other arguments than this method has.',
          { method: Parameters<F>; expected: Args }
        >;

type CheckedResult<F extends Method, Returned, Result> = unknown extends Result
  ? Returned
  : ResultOf<F> extends Result
    ? Returned
    : Mismatch<
        'A function in the options expects another result than this method has.',
        { method: ResultOf<F>; expected: Result }
      >;

type OnlyOnMethod<Name extends string> =
  `@${Name} cannot decorate a field, an accessor or a parameter. Put it on a method.`;

type OnlyOnMethodOrClass<Name extends string> =
  `@${Name} cannot decorate a field, an accessor or a parameter. Put it on a method or on a class.`;

type NotOnWholeClass<Name extends string> =
  `@${Name} cannot decorate a class. Put it on a method, or use @Instrumented to measure every method.`;

/** What a metric decorator with options returns: a decorator for methods, with compiler messages for anything else. */
export interface MetricDecoration<
  Name extends string = string,
  // oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
  Args extends readonly unknown[] = readonly any[],
  // oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
  Result = any,
>
  extends
    MethodDecoration<Args, Result>,
    NotOnClass<NotOnWholeClass<Name>>,
    NotOnField<OnlyOnMethod<Name>> {}

/** The options of each metric decorator. */
export interface MetricOptionsOf<C extends Call = Call> {
  counted: CountedOptions<C>;
  timed: TimedOptions<C>;
  errorsCounted: ErrorsCountedOptions<C>;
  inFlight: InFlightOptions<C>;
}

interface MetricDecorationFactory<Kind extends MetricKind> {
  // oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
  <Args extends readonly unknown[] = readonly any[], Result = any>(
    name: string,
    options?: Omit<MetricOptionsOf<Call<Args, Result>>[Kind], 'name'>,
  ): MetricDecoration<Capitalize<Kind>, Args, Result>;
  // oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
  <Args extends readonly unknown[] = readonly any[], Result = any>(
    options?: MetricOptionsOf<Call<Args, Result>>[Kind],
  ): MetricDecoration<Capitalize<Kind>, Args, Result>;
}

/**
 * A decorator for methods that is used bare, called, with a name, or with options. `Kind` is the kind of metric, such as
 * `timed` for `Timed`.
 */
export interface MetricDecorator<Kind extends MetricKind>
  extends
    MethodDecoration,
    NotOnClass<NotOnWholeClass<Capitalize<Kind>>>,
    NotSwapped<
      MetricOptionsOf[Kind],
      `@${Capitalize<Kind>} takes the name before the options. Write @${Capitalize<Kind>}('name', { … }).`
    >,
    NotOnField<OnlyOnMethod<Capitalize<Kind>>>,
    NotAnArgument<
      readonly unknown[],
      `@${Capitalize<Kind>} takes an object of options, not a list. Write @${Capitalize<Kind>}({ … }).`
    >,
    MetricDecorationFactory<Kind> {}

/** What `Instrumented` and `Objective` with options return: a decorator for methods and classes. */
export interface MethodOrClassDecoration<
  Name extends string = string,
  // oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
  Args extends readonly unknown[] = readonly any[],
  // oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
  Result = any,
>
  extends MethodDecoration<Args, Result>, ClassDecoration, NotOnField<OnlyOnMethodOrClass<Name>> {}

interface InstrumentedFactory {
  // oxlint-disable-next-line typescript/no-explicit-any -- by default, any method
  <Args extends readonly unknown[] = readonly any[], Result = any>(
    options?: InstrumentedOptions<Call<Args, Result>>,
  ): MethodOrClassDecoration<'Instrumented', Args, Result>;
}

/** `Instrumented`: a decorator for methods and classes that is used bare, called, or with options. */
export interface InstrumentedDecorator
  extends
    MethodDecoration,
    ClassDecoration,
    NotOnField<OnlyOnMethodOrClass<'Instrumented'>>,
    NotAnArgument<
      string,
      '@Instrumented takes an object of options, not a name. Write @Instrumented({ service: … }) on a class.'
    >,
    NotAnArgument<
      readonly unknown[],
      '@Instrumented takes an object of options, not a list. Write @Instrumented({ exceptions: [ … ] }).'
    >,
    InstrumentedFactory {}

interface NotInstrumentedFactory {
  (): NotInstrumentedDecoration;
}

interface NotInstrumentedDecoration
  extends
    MethodDecoration,
    NotOnClass<'@NotInstrumented cannot decorate a class. Put it on a method, or remove @Instrumented from the class.'>,
    NotOnField<OnlyOnMethod<'NotInstrumented'>> {}

/** `NotInstrumented`: a decorator for methods that is used bare or called. */
export interface NotInstrumentedDecorator
  extends NotInstrumentedDecoration, NotInstrumentedFactory {}

/** Options of an objective that promise nothing. */
interface NoObjective extends ObjectiveOptions {
  availability?: undefined;
  latency?: undefined;
}

type ObjectiveExample = 'Write @Objective({ availability: 0.999 }).';

interface ObjectiveFactory {
  (options: ObjectiveOptions): MethodOrClassDecoration<'Objective'>;
}

/** `Objective`: a decorator for methods and classes that is used with options. */
export interface ObjectiveDecorator
  extends
    NoSecondError,
    NotOnClass<`@Objective needs options. ${ObjectiveExample}`>,
    NotOnMember<MemberKind, `@Objective needs options. ${ObjectiveExample}`>,
    NotAnArgument<number | string, `@Objective takes an object of options. ${ObjectiveExample}`>,
    NotAnArgument<
      NoObjective,
      `@Objective needs availability, latency or both. ${ObjectiveExample}`
    >,
    ObjectiveFactory {}

/** What `ThriftService` returns: a decorator for classes. */
export interface ServiceDecoration
  extends
    ClassDecoration,
    NotOnMember<MemberKind, '@ThriftService names the service of a class. Put it on the class.'> {}

interface ServiceFactory {
  (name: string): ServiceDecoration;
}

type ServiceExample =
  "@ThriftService needs the name of the service. Write @ThriftService('Calculator').";

/** `ThriftService`: a decorator for classes that is used with a name. */
export interface ServiceDecorator
  extends
    NoSecondError,
    NotOnClass<ServiceExample>,
    NotOnMember<MemberKind, ServiceExample>,
    NotSecondArgument<string, '@ThriftService takes one name.'>,
    ServiceFactory {}
