import { now } from '../../metrics/clock';
import { faults } from '../../runtime/faults';
import { begun, endBegunReply } from './begun-reply';
import { currentConnection, type ServerConnection } from '../current-connection';
import type { MessageCall } from './message-call';
import { REPLY, type Protocol } from '../wire';

const SITE = 'processor:reply';

/** Watches what is written to one protocol object, to which several calls that came together may reply, in any order. */
export class ReplyObserver {
  /** Null where the server is not instrumented. */
  readonly connection: ServerConnection | null = currentConnection();
  /** Where the message that was read last ended. */
  readTo = 0;
  private first: MessageCall | null = null;
  private last: MessageCall | null = null;

  constructor(
    readonly writeMessageBegin: Protocol['writeMessageBegin'],
    readonly flush: Protocol['flush'],
  ) {}

  /** From now on a reply to this call is expected. */
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

  begin(output: Protocol, name: unknown, type: unknown, seqid: unknown): void {
    const failed = begun.call;
    if (failed !== null) {
      endBegunReply();
      // Generated code that cannot write a result writes the error after it; the client understands neither.
      const isSame = failed.observer === this && failed.name === name && failed.seqid === seqid;
      if (isSame && type !== REPLY) return;
    }
    const call = this.take(name, seqid);
    if (call === null) return;
    call.reply = type === REPLY ? 'reply' : 'exception';
    call.writeStart = now();
    call.outBefore = output.trans.outCount;
    begun.call = call;
  }

  /** The call whose reply is being written here, which from now on is being sent. */
  send(): MessageCall | null {
    const { call } = begun;
    if (call === null || call.observer !== this) return null;
    begun.call = null;
    return call;
  }

  isOpen(): boolean {
    return this.connection === null || this.connection.isOpen();
  }

  /** The first, should the client have given the same sequence id to several. */
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

/** The observer of a protocol object that replies are written to; the first to ask puts it there. */
export function replyObserverOf(output: Protocol): ReplyObserver {
  const { thriftMetricsReply } = output;
  if (thriftMetricsReply !== undefined) return thriftMetricsReply;
  const observer = new ReplyObserver(output.writeMessageBegin, output.flush);
  output.thriftMetricsReply = observer;
  output.writeMessageBegin = watchedWriteMessageBegin;
  output.flush = watchedFlush;
  return observer;
}

function watchedWriteMessageBegin(
  this: Protocol,
  name: unknown,
  type: unknown,
  seqid: unknown,
): unknown {
  const observer = this.thriftMetricsReply as ReplyObserver;
  try {
    observer.begin(this, name, type, seqid);
  } catch (fault) {
    faults.report(SITE, fault);
  }
  return observer.writeMessageBegin.call(this, name, type, seqid);
}

function watchedFlush(this: Protocol): unknown {
  const observer = this.thriftMetricsReply as ReplyObserver;
  const call = observer.send();
  if (call === null) return observer.flush.call(this);
  const size = this.trans.outCount - call.outBefore;
  let isSent = false;
  try {
    // Asked before: afterwards an HTTP response has ended as it should.
    isSent = observer.isOpen();
  } catch (fault) {
    faults.report(SITE, fault);
  }
  let result: unknown;
  try {
    result = observer.flush.call(this);
  } catch (error) {
    finish(call, false, size);
    throw error;
  }
  finish(call, isSent, size);
  return result;
}

function finish(call: MessageCall, isSent: boolean, size: number): void {
  try {
    if (isSent) call.answer(size);
    else call.lose('disconnected');
  } catch (fault) {
    faults.report(SITE, fault);
  }
}
