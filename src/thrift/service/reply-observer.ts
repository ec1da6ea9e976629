import { now } from '../../metrics/clock';
import type { UnfinishedReply } from './unfinished-reply';
import { currentConnectionOf, type ServerConnection } from '../current-connection';
import type { MessageCall, ReplyQueue } from './message-call';
import type { ServiceMetrics } from './method-metrics';
import { REPLY, type Protocol } from '../wire';

const SITE = 'processor:reply';

/** Observes what is written to one protocol object, through which calls that arrived together reply in any order. */
export class ReplyObserver implements ReplyQueue {
  /** Null if the server is not instrumented. */
  readonly connection: ServerConnection | null;
  /** The read position at the end of the latest message. */
  readTo = 0;
  private first: MessageCall | null = null;
  private last: MessageCall | null = null;

  constructor(
    readonly metrics: ServiceMetrics,
    readonly writeMessageBegin: Protocol['writeMessageBegin'],
    readonly flush: Protocol['flush'],
  ) {
    this.connection = currentConnectionOf(metrics.runtime).reachProcessor();
  }

  /** The unfinished reply of the process. */
  private get unfinished(): UnfinishedReply {
    return this.metrics.unfinished;
  }

  /** Expects a reply to this call from now on. */
  add(call: MessageCall): void {
    if (this.last === null) this.first = call;
    else this.last.next = call;
    this.last = call;
  }

  remove(call: MessageCall): void {
    let before: MessageCall | null = null;
    for (let each = this.first; each !== null; before = each, each = each.next) {
      if (each === call) return this.unlink(call, before);
    }
  }

  /** Called before a reply is started. */
  begin(output: Protocol, name: unknown, type: unknown, seqid: unknown): void {
    const { unfinished } = this;
    const failed = unfinished.call;
    if (failed !== null) {
      unfinished.settle();
      // Generated code that fails to write a result writes the error after it, and the client can read neither.
      const isSame = failed.queue === this && failed.name === name && failed.seqid === seqid;
      if (isSame && type !== REPLY) return;
    }
    const call = this.take(name, seqid);
    if (call === null) return;
    call.reply = type === REPLY ? 'reply' : 'exception';
    call.writeStart = now();
    // Before the transport is read: one of the program may throw, and the reply must end the call in any case.
    unfinished.call = call;
    call.outBefore = output.trans.outCount;
  }

  /** Takes the call whose reply is complete and about to be sent. */
  send(): MessageCall | null {
    const { unfinished } = this;
    const { call } = unfinished;
    if (call === null || call.queue !== this) return null;
    unfinished.call = null;
    // Its queue is this observer, so it is a MessageCall.
    return call as MessageCall;
  }

  isOpen(): boolean {
    return this.connection === null || this.connection.isOpen();
  }

  /** Takes the first call that matches, because a client may use one sequence id for several calls. */
  private take(name: unknown, seqid: unknown): MessageCall | null {
    let before: MessageCall | null = null;
    for (let call = this.first; call !== null; before = call, call = call.next) {
      if (call.seqid !== seqid || call.name !== name) continue;
      this.unlink(call, before);
      return call;
    }
    return null;
  }

  private unlink(call: MessageCall, before: MessageCall | null): void {
    if (before === null) this.first = call.next;
    else before.next = call.next;
    if (this.last === call) this.last = before;
    call.next = null;
  }
}

/** Returns the observer of a protocol object that replies are written to, and creates it at first. */
export function replyObserverOf(output: Protocol, metrics: ServiceMetrics): ReplyObserver {
  const existing = output.thriftMetricsReply;
  if (existing !== undefined) return existing as ReplyObserver;
  const observer = new ReplyObserver(metrics, output.writeMessageBegin, output.flush);
  output.thriftMetricsReply = observer;
  output.writeMessageBegin = observedWriteMessageBegin;
  output.flush = observedFlush;
  return observer;
}

function observedWriteMessageBegin(
  this: Protocol,
  name: unknown,
  type: unknown,
  seqid: unknown,
): unknown {
  const observer = this.thriftMetricsReply as ReplyObserver;
  try {
    observer.begin(this, name, type, seqid);
  } catch (fault) {
    observer.metrics.runtime.faults.report(SITE, fault);
  }
  return observer.writeMessageBegin.call(this, name, type, seqid);
}

function observedFlush(this: Protocol): unknown {
  const observer = this.thriftMetricsReply as ReplyObserver;
  const call = observer.send();
  if (call === null) return observer.flush.call(this);
  let size = NaN;
  let isSent = false;
  try {
    // Checked before the flush, which ends an HTTP response.
    isSent = observer.isOpen();
    size = this.trans.outCount - call.outBefore;
  } catch (fault) {
    observer.metrics.runtime.faults.report(SITE, fault);
  }
  let result: unknown;
  try {
    result = observer.flush.call(this);
  } catch (error) {
    finish(observer, call, false, size);
    throw error;
  }
  finish(observer, call, isSent, size);
  return result;
}

function finish(observer: ReplyObserver, call: MessageCall, isSent: boolean, size: number): void {
  try {
    if (isSent) call.answer(size);
    else call.lose('disconnected');
  } catch (fault) {
    observer.metrics.runtime.faults.report(SITE, fault);
  }
}
