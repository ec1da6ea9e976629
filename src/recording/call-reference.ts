import type { PublishedCall } from './call-channel';
import type { ThriftAddress } from './call-message';

/** What is known about a call in progress beyond the time at which it began. */
export interface CallReference {
  /** The message that the call handles, or null if no instrumented processor has read one. */
  readonly served: ServedCall | null;
  /** The arguments without the callback, or null unless the settings show arguments. */
  readonly args: readonly unknown[] | null;
  /** Null if the events of the call are not published. */
  readonly published: PublishedCall | null;
}

/** A message that an instrumented processor has read, until it is answered. */
export interface ServedCall extends CallReference {
  readonly service: string;
  readonly methodName: string;
  /** Whether it is answered, or certain not to be. */
  readonly settled: boolean;
  /** The client's end of the connection, if the server is instrumented. */
  readonly peer: ThriftAddress | undefined;
  /** The name of the program that calls, or null if it is unknown. */
  readonly caller: string | null;
  /** Seconds that the message waited before its handler ran, or null if that is not measured. */
  readonly queueSeconds: number | null;
  /** The call of the handler, once it has begun and if it knows more than the message. */
  handler: CallReference | null;
}
