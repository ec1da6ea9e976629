import { type Channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

import { now, secondsSince } from '../metrics/clock';
import {
  type CallFailure,
  CallMessage,
  type ThriftAddress,
  type ThriftCallMessage,
  withoutCallback,
} from './call-message';
import type { CallerFailures } from './cells';
import type { FaultSink } from './guards';

/** The names of the tracing channels, without the `tracing:` and the event that Node.js adds. */
export const CALL_CHANNELS = {
  server: 'thrift.server.call',
  client: 'thrift.client.call',
} as const;

const SITE = 'tracing channel';

/** How a request carries the context of its call: in a field of the arguments, in headers of `THeaderProtocol`, or not at all. */
export type Propagation = 'field' | 'theader' | false;

/** Runs the code of a call in the context that a subscriber has prepared for it. */
export interface CallContexts {
  /** For the handler, the function that sends the request, and what records the end of the call. */
  run(message: CallMessage, body: () => void): void;
  /** For the callback of the caller. */
  runCallback(message: CallMessage, body: () => void): void;
  /** How requests carry the context of their calls. */
  readonly propagation: Propagation;
  /** The trace of a call, or null. Never throws. */
  traceId(message: CallMessage): string | null;
  /** The entries that the request of a call carries. Never throws. */
  carried(message: CallMessage): readonly (readonly [name: string, value: string])[];
  /** Whether contexts of a peer are used. Never throws. */
  accepts(peer: ThriftAddress | undefined): boolean;
}

/** What the processor knows about a message whose handler it is about to call. */
export interface IncomingCall {
  readonly method: string;
  /** Completes the message of the call. */
  describe(message: CallMessage): void;
  /**
   * Returns what counts the failed calls of the caller: null if the caller is not known, and after the first time, so that
   * one wrapper counts.
   */
  takeFailures(): CallerFailures | null;
}

/** One of the two tracing channels. */
export class CallChannel {
  /** Set by `enableTracing`. */
  contexts: CallContexts | null = null;
  /** Whether calls in progress keep their arguments, because the settings show them. */
  keepsArguments = false;
  /** The message that a processor is passing to its handler right now. */
  incoming: IncomingCall | null = null;
  private readonly channel: TracingChannel<object, object>;
  // Fields of their own, because every call reads them.
  private readonly start: Channel;
  private readonly end: Channel;
  private readonly asyncStart: Channel;
  private readonly asyncEnd: Channel;
  private readonly error: Channel;
  /** The innermost call whose synchronous part runs right now. */
  private current: PublishedCall | null = null;

  constructor(
    private readonly kind: keyof typeof CALL_CHANNELS,
    private readonly faults: FaultSink,
  ) {
    this.channel = tracingChannel<object, object>(CALL_CHANNELS[kind]);
    const { start, end, asyncStart, asyncEnd, error } = this.channel;
    this.start = start;
    this.end = end;
    this.asyncStart = asyncStart;
    this.asyncEnd = asyncEnd;
    this.error = error;
  }

  /**
   * Whether anything receives the messages. That is cheap to ask: a channel of Node.js has another prototype while it has
   * subscribers, so its answer is a constant to V8.
   */
  hasSubscribers(): boolean {
    return (
      this.start.hasSubscribers ||
      this.end.hasSubscribers ||
      this.asyncStart.hasSubscribers ||
      this.asyncEnd.hasSubscribers ||
      this.error.hasSubscribers
    );
  }

  /** Whether a call may be published, or counted by its caller, or keeps its arguments. */
  isWatched(): boolean {
    return this.keepsArguments || this.incoming !== null || this.hasSubscribers();
  }

  /** What counts the failed calls of the caller whose message arrives at a method, or null. Called before `open`. */
  takeFailures(method: string): CallerFailures | null {
    const { incoming } = this;
    if (incoming === null || incoming.method !== method) return null;
    if (!this.hasSubscribers()) this.incoming = null;
    try {
      return incoming.takeFailures();
    } catch (fault) {
      this.faults.report('callers', fault);
      return null;
    }
  }

  /**
   * Begins the message of a call. Returns null if the call is published already: it is the same call, of the same method
   * with the same arguments, and a wrapper further out has begun its message.
   */
  open(
    service: string,
    method: string,
    self: unknown,
    args: ArrayLike<unknown>,
  ): PublishedCall | null {
    const message = new CallMessage(this.kind, service, method, withoutCallback(args));
    if (this.current?.isOf(self, message) === true) return null;
    const { incoming, faults } = this;
    if (incoming !== null && incoming.method === method) {
      this.incoming = null;
      try {
        incoming.describe(message);
      } catch (fault) {
        faults.report(SITE, fault);
      }
    }
    return new PublishedCall(this, this.channel, message, self, faults);
  }

  /** Makes a call the innermost one, and returns the one before. */
  enter(call: PublishedCall | null): PublishedCall | null {
    const { current } = this;
    this.current = call;
    return current;
  }
}

/** A call whose events are published. No subscriber and no store can change what the call does. */
export class PublishedCall {
  /** Called before the call settles, to complete the message. */
  beforeEnd: (() => void) | null = null;
  private readonly begun = now();
  private isSettled = false;
  /** Whether the synchronous part of the call runs. */
  private isRunning = false;
  /** Whether the end of the call is about to be passed to the caller's callback. */
  private isCallingBack = false;

  constructor(
    private readonly calls: CallChannel,
    private readonly channel: TracingChannel<object, object>,
    readonly message: CallMessage,
    private readonly self: unknown,
    private readonly faults: FaultSink,
  ) {}

  /** Whether this is the call of a method with these arguments. Wrappers replace callbacks, so these do not count. */
  isOf(self: unknown, { method, args }: CallMessage): boolean {
    const own = this.message;
    return (
      own.method === method &&
      this.self === self &&
      own.args.length === args.length &&
      own.args.every((value, i) => Object.is(value, args[i]))
    );
  }

  /** Runs the synchronous part of the call between the events `start` and `end`. */
  run<T>(body: () => T): T {
    const { calls, channel, message } = this;
    const { contexts } = calls;
    const outer = calls.enter(this);
    this.isRunning = true;
    try {
      return runOnce(
        (once) =>
          channel.start.runStores(message, () =>
            contexts === null ? once() : contexts.run(message, once),
          ),
        body,
        this.faults,
      );
    } finally {
      this.isRunning = false;
      calls.enter(outer);
      channel.end.publish(message);
    }
  }

  /** Records the end of the call in the context that a subscriber has prepared. */
  record<T>(body: () => T): T {
    const { contexts } = this.calls;
    if (contexts === null || this.isRunning) return body();
    return runOnce((once) => contexts.run(this.message, once), body, this.faults);
  }

  /**
   * Calls the caller's callback, between `asyncStart` and `asyncEnd` unless the method has not returned yet. `settle` records
   * the end of the call first.
   */
  callBack<T>(settle: () => void, callback: () => T): T {
    if (this.isSettled) {
      settle();
      return callback();
    }
    const { calls, channel, message, isRunning, faults } = this;
    const { contexts } = calls;
    this.isCallingBack = true;
    settle();
    // The callback does not belong to the synchronous part of this call.
    const outer = calls.enter(null);
    const runInContext = (once: () => void): void => {
      if (contexts === null) once();
      else contexts.runCallback(message, once);
    };
    try {
      if (isRunning) return runOnce(runInContext, callback, faults);
      const runInStores = (once: () => void): void => {
        channel.asyncStart.runStores(message, () => runInContext(once));
      };
      return runOnce(runInStores, callback, faults);
    } finally {
      calls.enter(outer);
      if (!isRunning) channel.asyncEnd.publish(message);
    }
  }

  /** Called when the call has returned. `failure` is the type of the failure if it counts as failed, or null. */
  succeed(result: unknown, failure: string | null): void {
    if (failure === null) this.settle({ result, outcome: 'success' }, false);
    else this.settle({ result, outcome: 'result', errorType: failure }, false);
  }

  /** Called when the call has failed. */
  fail(error: unknown, { kind, type }: CallFailure): void {
    this.settle({ error, outcome: kind, errorType: type }, true);
  }

  private settle(end: Partial<ThriftCallMessage>, hasError: boolean): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { channel, message } = this;
    try {
      // Fails if a subscriber has frozen the message.
      Object.assign(message, end, { duration: secondsSince(this.begun) });
      this.beforeEnd?.();
    } catch (fault) {
      this.faults.report(SITE, fault);
    }
    if (hasError) channel.error.publish(message);
    if (this.isRunning || this.isCallingBack) return;
    channel.asyncStart.publish(message);
    channel.asyncEnd.publish(message);
  }
}

/**
 * Runs `body` through `around`, which may call foreign code before and after it. Runs it exactly once, whatever `around`
 * does, and returns or throws what it returns or throws.
 */
function runOnce<T>(around: (once: () => void) => void, body: () => T, faults: FaultSink): T {
  const end: { value?: T; error?: unknown; hasRun: boolean; hasThrown: boolean } = {
    hasRun: false,
    hasThrown: false,
  };
  const once = (): void => {
    if (end.hasRun) return;
    end.hasRun = true;
    try {
      end.value = body();
    } catch (error) {
      end.hasThrown = true;
      end.error = error;
    }
  };
  try {
    around(once);
  } catch (fault) {
    faults.report(SITE, fault);
  }
  once();
  if (end.hasThrown) throw end.error;
  return end.value as T;
}
