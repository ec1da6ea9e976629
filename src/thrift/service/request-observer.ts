import { now, secondsBetween, UNTIMED } from '../../metrics/clock';
import type { Runtime } from '../../runtime/runtime';
import { protocolErrorsOf, reasonOfDecodingError } from '../refused-input';
import {
  bytesLeft,
  CALL,
  headerLength,
  isFramed,
  type MessageBegin,
  ONEWAY,
  type Protocol,
  readPosition,
} from '../wire';
import { MessageCall } from './message-call';
import type { MethodTable, ServiceMetrics } from './method-metrics';
import { type ReplyObserver, replyObserverOf } from './reply-observer';

const SITE = 'processor:request';

/** Watches one message after the other being read from one protocol object. */
export class RequestObserver {
  /** False where there is nothing to read: thrift's servers ask until there is no more. */
  hasInput = false;
  /** Whether a message is being read whose arguments are not decoded yet. */
  private isDecoding = false;
  private begin: MessageBegin | null = null;
  private call: MessageCall | null = null;
  private methods: MethodTable | null = null;
  private start: [number, number] = UNTIMED;
  private startPosition = 0;
  /** How many bytes there were to read. */
  private available = 0;

  constructor(
    /** The very object that is watched; others may be copies of it. */
    readonly input: Protocol,
    private readonly replies: ReplyObserver,
    readonly readMessageBegin: Protocol['readMessageBegin'],
    readonly readMessageEnd: Protocol['readMessageEnd'],
    /** Whether somebody else has read how the message begins: MultiplexedProcessor. */
    private readonly isBegun: boolean,
  ) {}

  /** `readMessageBegin` of a copy of the protocol, without this observer. */
  originalBegin(begin: Protocol['readMessageBegin']): Protocol['readMessageBegin'] {
    return begin === watchedReadMessageBegin ? this.readMessageBegin : begin;
  }

  /** `readMessageEnd` of a copy of the protocol, without this observer. */
  originalEnd(end: Protocol['readMessageEnd']): Protocol['readMessageEnd'] {
    return end === watchedReadMessageEnd ? this.readMessageEnd : end;
  }

  get runtime(): Runtime {
    return this.replies.metrics.runtime;
  }

  /** A processor is about to read a message. */
  open(methods: MethodTable): void {
    const { trans } = this.input;
    this.available = bytesLeft(trans);
    this.hasInput = this.isBegun || this.available !== 0;
    if (!this.hasInput) return;
    this.isDecoding = true;
    this.begin = null;
    this.call = null;
    this.methods = methods;
    if (!this.isBegun) this.startPosition = readPosition(trans);
    // A buffer begins with the message, as its transport lets go of each when it is processed.
    else this.startPosition = isFramed(trans) ? this.replies.readTo : 0;
    this.start = now();
  }

  began(begin: MessageBegin): void {
    this.begin = begin;
  }

  /** The arguments are decoded; next the handler is called. */
  arrived(): void {
    const { begin, methods, replies, input } = this;
    if (!this.isDecoding || begin === null || methods === null) return;
    this.isDecoding = false;
    const arrival = now();
    const { trans } = input;
    const { fname, mtype } = begin;
    const method = methods.find(fname, mtype);
    if (mtype !== CALL && mtype !== ONEWAY)
      protocolErrorsOf(this.runtime).count('wrong_message_type');
    method.decode.observe(secondsBetween(this.start, arrival));
    const end = readPosition(trans);
    const size = end - this.startPosition - headerLength(input);
    if (size >= 0) method.requestSize.observe(size);
    replies.readTo = end;
    const { connection } = replies;
    if (connection !== null && !isFramed(trans))
      connection.endsWithinMessage = bytesLeft(trans) > 0;
    const name = method.isUnknown ? fname : method.method;
    const call = new MessageCall(method, name, begin.rseqid, replies, arrival);
    if (method.replies !== null) replies.add(call);
    this.call = call;
  }

  /** The processor has returned. Never throws. */
  returned(): void {
    const { call } = this;
    this.close();
    if (call === null || call.method.replies !== null) return;
    try {
      call.end('none');
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
    }
  }

  /** The processor has thrown. Never throws. */
  failed(error: unknown): void {
    const { call, isDecoding } = this;
    this.close();
    try {
      this.fail(call, isDecoding, error);
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
    }
  }

  private fail(call: MessageCall | null, isDecoding: boolean, error: unknown): void {
    if (call !== null) {
      if (call.settled) return;
      const { begun } = this.replies.metrics;
      if (begun.call === call) return begun.settle();
      this.replies.remove(call);
      call.end('none');
      return;
    }
    // Of a transport or protocol of the program's own it may show late that there was no message.
    if (!isDecoding || (this.begin === null && !(this.available > 0))) return;
    const { connection } = this.replies;
    const reason = reasonOfDecodingError(error, isFramed(this.input.trans));
    if (reason !== null) protocolErrorsOf(this.runtime).count(reason, error);
    else if (connection !== null) connection.endsWithinMessage = true;
  }

  private close(): void {
    this.isDecoding = false;
    this.call = null;
  }
}

/** Gets ready for a message that a processor is about to read. Null where it cannot be observed. */
export function openRequest(
  methods: MethodTable,
  input: Protocol,
  output: Protocol,
): RequestObserver | null {
  try {
    const known = input.thriftMetricsRequest as RequestObserver | undefined;
    const observer = known?.input === input ? known : watch(methods.metrics, input, output, known);
    observer.open(methods);
    return observer;
  } catch (fault) {
    methods.metrics.runtime.faults.report(SITE, fault);
    return null;
  }
}

/**
 * `copied` is there where the object is a copy of one that is watched. It may be an observer of another copy of this package,
 * which alone can recognize its functions.
 */
function watch(
  metrics: ServiceMetrics,
  input: Protocol,
  output: Protocol,
  copied: RequestObserver | undefined,
): RequestObserver {
  const begin = input.readMessageBegin;
  const end = input.readMessageEnd;
  const observer = new RequestObserver(
    input,
    replyObserverOf(output, metrics),
    copied?.originalBegin(begin) ?? begin,
    copied?.originalEnd(end) ?? end,
    Object.hasOwn(input, 'readMessageBegin'),
  );
  input.thriftMetricsRequest = observer;
  input.readMessageBegin = watchedReadMessageBegin;
  input.readMessageEnd = watchedReadMessageEnd;
  return observer;
}

function watchedReadMessageBegin(this: Protocol): MessageBegin {
  const observer = this.thriftMetricsRequest as RequestObserver;
  const begin = observer.readMessageBegin.call(this);
  observer.began(begin);
  return begin;
}

function watchedReadMessageEnd(this: Protocol): unknown {
  const observer = this.thriftMetricsRequest as RequestObserver;
  const result = observer.readMessageEnd.call(this);
  try {
    observer.arrived();
  } catch (fault) {
    observer.runtime.faults.report(SITE, fault);
  }
  return result;
}
