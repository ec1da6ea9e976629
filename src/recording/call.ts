/** A call of a method, as functions in the options see it. `Args` are the method's arguments, `Result` is its result. */
// oxlint-disable-next-line typescript/no-explicit-any -- without types of its own, a function reads any call
export interface Call<Args extends readonly unknown[] = readonly any[], Result = any> {
  /** Arguments as the caller passed them. In callback style the last one is the callback. */
  readonly args: Args;
  /** Name of the method. */
  readonly method: string;
  /** Name of the Thrift service. */
  readonly service: string;
  /** What the call returned, resolved to, or passed to its callback. Absent before the call settles, and when it failed. */
  readonly result?: Result;
  /** What the call threw, rejected with, or passed to its callback as an error. Absent unless the call failed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- anything can be thrown
  readonly error?: any;
}

/** A method with any arguments and any result. */
// oxlint-disable-next-line typescript/no-explicit-any -- any method is accepted
type AnyMethod = (this: any, ...args: any[]) => any;

/** What a method returns, resolves to, or passes to its callback. */
export type ResultOf<F extends AnyMethod> =
  ReturnType<F> extends void
    ? // oxlint-disable-next-line typescript/no-explicit-any -- callbacks of any type, and methods without one
      Parameters<F> extends readonly [...any[], (error: any, result?: infer R) => any]
      ? R
      : // oxlint-disable-next-line typescript/no-explicit-any -- unknown where the method has no callback
        any
    : Awaited<ReturnType<F>>;

/** A call of the method `F`, such as `CallOf<CalculatorHandler['add']>`. */
export type CallOf<F extends AnyMethod> =
  IsAny<F> extends true ? Call : Call<Parameters<F>, ResultOf<F>>;

/**
 * A call of any method of the handler `H`. Comparing `method` with a name gives `args` and `result` the types of that
 * method.
 */
// `H` has no constraint: with `object`, the compiler takes `1 & H` for `never` before it knows `H`.
export type HandlerCall<H> =
  IsAny<H> extends true ? Call : [CallsOf<H>] extends [never] ? Call : CallsOf<H>;

type IsAny<T> = 0 extends 1 & T ? true : false;

type CallsOf<H> = {
  [Key in keyof H]-?: H[Key] extends AnyMethod
    ? CallOf<H[Key]> & { readonly method: Key & string }
    : never;
}[keyof H];

/** The call as this package fills it in. */
export class CallDetails implements Call {
  // There from the start: a property that is added later costs the settling call some 10 ns.
  result: unknown = undefined;
  error: unknown = undefined;

  constructor(
    readonly args: readonly unknown[],
    readonly method: string,
    readonly service: string,
  ) {}
}

/** A label function that cannot fail. */
export type LabelFunction = (call: CallDetails) => string;

/** Is notified of how a call ended. */
export interface Outcome {
  succeed(result: unknown): void;
  fail(error: unknown): void;
}
