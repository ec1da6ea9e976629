import type { ExceptionClass } from '../recording/exception';
import type { Call } from '../recording/call';
import type { Method } from '../recording/wrap';

/** The value of a label: a constant, or a function of the call. */
export type LabelValue = string | ((call: Call) => string);

/** Options that every metric has. */
export interface MetricOptions {
  /** Name of the metric, without the prefix of `configureMetrics`. */
  name?: string | undefined;
  /** The first `help` of a metric name stands. */
  help?: string | undefined;
  /** Labels beside those of the metric itself. */
  labels?: Readonly<Record<string, LabelValue>> | undefined;
}

export type CountedOptions = MetricOptions;
export type InFlightOptions = MetricOptions;

export interface TimedOptions extends MetricOptions {
  /** Upper bounds in seconds, ascending; default: those of `configureMetrics`. */
  buckets?: readonly number[] | undefined;
  /**
   * Exponential buckets beside the classic ones, for readers of protobuf (a Prometheus with native histograms); other
   * formats show the classic ones. Default: as `configureMetrics({ nativeHistograms })` says.
   */
  native?: boolean | undefined;
  /** Makes a summary of the last ten minutes instead of a histogram: numbers from 0 to 1, ascending. */
  quantiles?: readonly number[] | undefined;
}

export interface ErrorsCountedOptions extends MetricOptions {
  /** The exceptions in the method's IDL `throws`. They count as `declared`, and their series start at 0. */
  exceptions?: readonly ExceptionClass[] | undefined;
}

export interface InstrumentedOptions {
  /** Name of the Thrift service. `ThriftService` goes before it. */
  service?: string | undefined;
  /** The exceptions in the IDL `throws` of every method. */
  exceptions?: readonly ExceptionClass[] | undefined;
  /** Buckets of the histogram, in seconds. */
  buckets?: readonly number[] | undefined;
  /** Labels of all four metrics. */
  labels?: Readonly<Record<string, LabelValue>> | undefined;
  counted?: CountedOptions | false | undefined;
  timed?: TimedOptions | false | undefined;
  errorsCounted?: ErrorsCountedOptions | false | undefined;
  inFlight?: InFlightOptions | false | undefined;
}

export interface ObjectiveOptions {
  /** The share of calls that must not fail: above 0 and below 1, such as 0.999. */
  availability?: number | undefined;
  /** The share of calls that must settle within so many seconds; `within` has to be a bucket of the method. */
  latency?: { readonly target: number; readonly within: number } | undefined;
  /** The time over which the shares are taken: days or weeks, up to 90 days. `30d`. */
  window?: string | undefined;
  /** Whether exceptions that the IDL declares are failures. `false`. */
  declaredExceptionsAreErrors?: boolean | undefined;
}

/** A decorator for methods, in the standard and in the legacy dialect. */
export interface MethodDecoration {
  <F extends Method>(value: F, context: ClassMethodDecoratorContext<never, F>): F;
  <F extends Method>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): TypedPropertyDescriptor<F>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a class with any constructor
type Class = abstract new (...args: any[]) => any;

/** A decorator for classes, in the standard and in the legacy dialect. */
export interface ClassDecoration {
  <C extends Class>(value: C, context: ClassDecoratorContext<C>): void;
  (value: Class): void;
}

/** A decorator for methods that is used bare, called, with a name, or with options. */
export interface MetricDecorator<Options> extends MethodDecoration {
  (options?: Options): MethodDecoration;
  (name: string, options?: Omit<Options, 'name'>): MethodDecoration;
}
