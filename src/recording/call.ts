/** What a label function sees of a call. */
export interface Call {
  /** As the caller passed them; the last is the callback where the call has one. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the types of arguments belong to the handler
  readonly args: readonly any[];
  readonly method: string;
  readonly service: string;
  /** What the call gave, once it has settled well. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the type of the result belongs to the handler
  readonly result?: any;
  /** What the call failed with, once it has. */
  // oxlint-disable-next-line typescript/no-explicit-any -- anything can be thrown
  readonly error?: any;
}

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
