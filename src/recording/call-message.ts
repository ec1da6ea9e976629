/** One end of a connection. */
export interface ThriftAddress {
  /** IP address or host name; the path, for a Unix socket. */
  readonly address: string;
  /** Undefined for a Unix socket. */
  readonly port: number | undefined;
}

/**
 * How a call ended: `success`, or the `thrift_exception_kind` of its failure. Calls of handlers fail as `declared`,
 * `undeclared` or `result`; calls of clients as `declared`, `application`, `transport`, `timeout` or `result`.
 */
export type ThriftCallOutcome =
  | 'success'
  | 'declared'
  | 'undeclared'
  | 'result'
  | 'application'
  | 'transport'
  | 'timeout';

/**
 * What the tracing channels `thrift.server.call` and `thrift.client.call` publish. All events of a call have the same
 * object, which is filled in while the call proceeds. A property that is not known yet, or never, is undefined.
 */
export interface ThriftCallMessage {
  /** Version of this message. It changes when a property changes its meaning; properties may be added without a change. */
  readonly version: 1;
  /** `server` for a call of a handler, `client` for a call of a generated client. */
  readonly kind: 'server' | 'client';
  /** Name of the Thrift service, as in `thrift_service`. */
  readonly service: string;
  /** Name of the method, as in `thrift_method`. */
  readonly method: string;
  /** Name of the client, as in `thrift_client_name`. */
  readonly clientName: string | undefined;
  /** Whether the call has no reply. Handlers know it if their service is instrumented. */
  readonly isOneway: boolean | undefined;
  /** Arguments of the call, without the callback. */
  readonly args: readonly unknown[];
  /** The other end of the connection. Handlers know it if their server and service are instrumented. */
  readonly peer: ThriftAddress | undefined;
  /** Where the server listens: for a client, the host and port that it connects to. */
  readonly server: ThriftAddress | undefined;
  /** Size of the request in bytes. Handlers know it if their service is instrumented. */
  readonly requestSize: number | undefined;
  /** Size of the reply in bytes. For a handler it is set when the reply is written, after its promise has settled. */
  readonly responseSize: number | undefined;
  /** Undefined until the call settles. */
  readonly outcome: ThriftCallOutcome | undefined;
  /** Type of the failure, as in `thrift_exception_type`. */
  readonly errorType: string | undefined;
  /** What the call returned, resolved to, or passed to its callback. */
  readonly result: unknown;
  /** What the call threw, rejected with, or passed to its callback as an error. */
  readonly error: unknown;
  /** Duration in seconds, from the start of the call until it settled. */
  readonly duration: number | undefined;
}

/** The failure of a call, as its labels name it. */
export interface CallFailure {
  readonly kind: Exclude<ThriftCallOutcome, 'success'>;
  readonly type: string;
}

/** Why the context of a caller is not used, as in `thrift_reason`. */
export type ContextRejection = 'type' | 'duplicate' | 'entries' | 'size' | 'untrusted';

/** The context of the caller, as a request has brought it. */
export interface ReceivedContext {
  /** The entries of the propagator. Empty if they are rejected. */
  readonly carrier: Readonly<Record<string, string>>;
  readonly rejection: ContextRejection | null;
}

/** A message while this package fills it in. */
export class CallMessage implements ThriftCallMessage {
  /** What `enableTracing` keeps for the call. */
  #trace: unknown = null;
  #context: ReceivedContext | null = null;

  readonly version = 1;
  clientName: string | undefined = undefined;
  isOneway: boolean | undefined = undefined;
  peer: ThriftAddress | undefined = undefined;
  server: ThriftAddress | undefined = undefined;
  requestSize: number | undefined = undefined;
  responseSize: number | undefined = undefined;
  outcome: ThriftCallOutcome | undefined = undefined;
  errorType: string | undefined = undefined;
  result: unknown = undefined;
  error: unknown = undefined;
  duration: number | undefined = undefined;

  constructor(
    readonly kind: 'server' | 'client',
    readonly service: string,
    readonly method: string,
    readonly args: readonly unknown[],
  ) {}

  // Methods instead of a property, which subscribers would see, and instead of static functions, which would only work for
  // messages of the same copy of the package.

  keptTrace(): unknown {
    return this.#trace;
  }

  keepTrace(trace: unknown): void {
    this.#trace = trace;
  }

  /** The context that the request has brought, or null. */
  receivedContext(): ReceivedContext | null {
    return this.#context;
  }

  receiveContext(context: ReceivedContext | null): void {
    this.#context = context;
  }
}

// oxlint-disable-next-line typescript/unbound-method -- called with the arguments as its receiver
const { slice } = Array.prototype;

/** Arguments without the callback at their end, as an array of its own. */
export function withoutCallback(args: ArrayLike<unknown>): readonly unknown[] {
  const { length } = args;
  return slice.call(args, 0, typeof args[length - 1] === 'function' ? length - 1 : length);
}
