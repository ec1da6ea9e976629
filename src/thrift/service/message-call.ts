import { UNTIMED } from '../../metrics/clock';
import type { PublishedCall } from '../../recording/call-channel';
import type { CallMessage, ThriftAddress } from '../../recording/call-message';
import type { CallReference, ServedCall } from '../../recording/call-reference';
import type { ServerConnection } from '../current-connection';
import type { LostReason, MethodMetrics, Reply, ReplyMetrics } from './method-metrics';
import type { RepliedCall } from './unfinished-reply';

/** The queue of calls that wait for replies through one protocol object. */
export interface ReplyQueue {
  /** Null if the server is not instrumented. */
  readonly connection: ServerConnection | null;
  remove(call: MessageCall): void;
}

/** A message whose arguments are decoded, until it is answered or certain not to be. */
export class MessageCall implements RepliedCall, ServedCall {
  settled = false;
  /** The call that arrived next and waits for its reply through the same protocol object. */
  next: MessageCall | null = null;
  /** The kind of the reply that was begun. */
  reply: Reply = 'none';
  writeStart: [number, number] = UNTIMED;
  /** Bytes in the transport when the reply was begun, which failed replies may have left. */
  outBefore = 0;
  /** The message of the handler's call on the tracing channel, or null if it is not published. */
  message: CallMessage | null = null;
  /** The name of the program that calls, or null if it is unknown or callers are not counted. */
  caller: string | null = null;
  /** Seconds that the message waited before its handler ran. Null if nothing measures them. */
  queueSeconds: number | null = null;
  handler: CallReference | null = null;
  private readonly generation: number;
  /** Its slot among the waiting messages. */
  private readonly slot: number;

  constructor(
    readonly method: MethodMetrics,
    /** The name in the reply. */
    readonly name: unknown,
    readonly seqid: unknown,
    readonly queue: ReplyQueue,
    arrival: [number, number],
    /** Whether the call is shown among those in progress. */
    isShown: boolean,
  ) {
    const { active } = method;
    active.value++;
    this.generation = active.generation;
    this.slot = method.waiting.enter(arrival, isShown ? this : null);
  }

  get served(): this {
    return this;
  }

  get service(): string {
    return this.method.service;
  }

  get methodName(): string {
    return this.method.method;
  }

  get peer(): ThriftAddress | undefined {
    return this.queue.connection?.peer;
  }

  get args(): readonly unknown[] | null {
    return this.handler?.args ?? null;
  }

  get published(): PublishedCall | null {
    return this.handler?.published ?? null;
  }

  // Calls without replies are not in the queue, so nothing records a reply for them.

  /** Records that the reply is written. */
  answer(size: number): void {
    const { write, size: sizes } = this.method.replies as ReplyMetrics;
    write.observeSince(this.writeStart);
    if (size >= 0) sizes.observe(size);
    this.end(this.reply);
    // Last, because subscribers have the message and can freeze it.
    if (size >= 0 && this.message !== null) this.message.responseSize = size;
  }

  /** Records that the handler answered and the client does not get the answer. */
  lose(reason: LostReason): void {
    const { lost } = this.method.replies as ReplyMetrics;
    lost[reason].value++;
    this.end('none');
  }

  /** Records that writing the reply has failed. */
  abandon(): void {
    this.queue.remove(this);
    this.lose('unserializable');
  }

  end(reply: Reply): void {
    this.settled = true;
    const { method } = this;
    const { active } = method;
    if (active.generation === this.generation) active.value--;
    method.waiting.leave(this.slot);
    method.count(reply);
  }
}
