import { isUntimed, now, secondsBetween, UNTIMED } from '../../metrics/clock';
import type { ReceivedContext } from '../../recording/call-message';
import type { Runtime } from '../../runtime/runtime';
import type { ServerConnection } from '../current-connection';
import { protocolErrorsOf, reasonOfDecodingError, reasonOfMessageType } from '../refused-input';
import {
  bytesLeft,
  headerLength,
  isFramed,
  type MessageBegin,
  ONEWAY,
  type Protocol,
  readPosition,
} from '../wire';
import { callerNameOf } from './caller-name';
import type { CallsOfCaller } from './service-callers';
import { ContextReader, mayBringContext, rejected } from './context-reader';
import { IncomingMessage } from './incoming-message';
import { MessageCall } from './message-call';
import type { MethodTable, ServiceMetrics } from './method-metrics';
import { type ReplyObserver, replyObserverOf } from './reply-observer';

const SITE = 'processor:request';

/** Observes the messages that a processor reads from one protocol object, one after another. */
export class RequestObserver {
  /** False if there is nothing to read. Thrift's servers read messages until there are no more. */
  hasInput = false;
  /** Whether a message is being read and its arguments are not decoded yet. */
  private isDecoding = false;
  /** The header of the message, once it is read. */
  private header: MessageBegin | null = null;
  private call: MessageCall | null = null;
  private methods: MethodTable | null = null;
  /** Null if the message does not bring a context that anything reads. */
  private context: ContextReader | null = null;
  private start: [number, number] = UNTIMED;
  private startPosition = 0;
  /** Number of bytes that were left to read when the processor started. */
  private available = 0;

  constructor(
    /** The object that is observed. MultiplexedProcessor makes copies of it. */
    readonly input: Protocol,
    private readonly replies: ReplyObserver,
    readonly readMessageBegin: Protocol['readMessageBegin'],
    readonly readMessageEnd: Protocol['readMessageEnd'],
    /** Whether MultiplexedProcessor has read the header of the message before. */
    private readonly isBegun: boolean,
  ) {}

  /** `readMessageBegin` of a copy of the protocol, without this observer. */
  originalBegin(begin: Protocol['readMessageBegin']): Protocol['readMessageBegin'] {
    return begin === observedReadMessageBegin ? this.readMessageBegin : begin;
  }

  /** `readMessageEnd` of a copy of the protocol, without this observer. */
  originalEnd(end: Protocol['readMessageEnd']): Protocol['readMessageEnd'] {
    return end === observedReadMessageEnd ? this.readMessageEnd : end;
  }

  get runtime(): Runtime {
    return this.replies.metrics.runtime;
  }

  /** Called before a processor reads a message. */
  open(methods: MethodTable): void {
    const { trans } = this.input;
    this.available = bytesLeft(trans);
    this.hasInput = this.isBegun || this.available !== 0;
    if (!this.hasInput) return;
    this.isDecoding = true;
    this.header = null;
    this.call = null;
    this.methods = methods;
    if (!this.isBegun) this.startPosition = readPosition(trans);
    // A buffered transport drops each message once it is processed, so its buffer starts with this one.
    else this.startPosition = isFramed(trans) ? this.replies.readTo : 0;
    this.start = now();
  }

  /** Called when the header of the message is read. */
  began(header: MessageBegin): void {
    // Nothing is observed while recording is switched off, and nothing would restore what a context reader replaces.
    if (!this.isDecoding) return;
    this.header = header;
    const { gate, settings } = this.runtime;
    const isRead =
      gate.calls.contexts !== null ||
      (settings.callers !== false && mayBringContext(this.input, this.startPosition));
    if (isRead) this.context = new ContextReader(this.input);
  }

  /** Called when the arguments are decoded, before the handler runs. */
  arrived(): void {
    const { header, methods, replies, input } = this;
    if (!this.isDecoding || header === null || methods === null) return;
    this.isDecoding = false;
    const arrival = now();
    const { connection } = replies;
    const context = this.readContext(connection);
    const { trans } = input;
    const { fname, mtype } = header;
    const method = methods.find(fname, mtype);
    const reason = reasonOfMessageType(mtype);
    if (reason !== null) protocolErrorsOf(this.runtime).count(reason);
    const end = readPosition(trans);
    replies.readTo = end;
    if (connection !== null && !isFramed(trans))
      connection.endsWithinMessage = bytesLeft(trans) > 0;
    if (method.isExcluded) return;
    method.decode.observe(secondsBetween(this.start, arrival));
    let queueSeconds: number | null = null;
    // The transport or the program may also pass the input on later, when nothing says when it arrived.
    if (connection !== null && method.queue !== null && !isUntimed(connection.arrival)) {
      queueSeconds = secondsBetween(connection.arrival, arrival);
      method.queue.observe(queueSeconds);
    }
    const size = end - this.startPosition - headerLength(input);
    if (size >= 0) method.requestSize.observe(size);
    const name = method.isUnknown ? fname : method.method;
    const { journal } = this.runtime;
    const isShown = journal.enabled && !method.isUnknown;
    const call = new MessageCall(method, name, header.rseqid, replies, arrival, isShown);
    call.queueSeconds = queueSeconds;
    if (isShown) {
      // Read while the client is connected, because a client often gives up before a call that hangs ends.
      void connection?.peer;
      journal.incoming = call;
    }
    if (method.replies !== null) replies.add(call);
    this.call = call;
    if (method.isUnknown) return;
    const { calls } = this.runtime.gate;
    const { callers } = method;
    let caller: CallsOfCaller | null = null;
    if (callers.areCounted) {
      call.caller = callerNameOf(input, context, connection);
      caller = callers.arrive(call.caller);
    }
    if (caller !== null || calls.hasSubscribers()) {
      const isOneway = mtype === ONEWAY;
      calls.incoming = new IncomingMessage(call, isOneway, size, connection, context, caller);
    }
  }

  /** What the message has brought, or null. A transport of the program may throw, and the message still counts. */
  private readContext(connection: ServerConnection | null): ReceivedContext | null {
    if (this.context === null) return null;
    try {
      return this.accepted(this.context.finish(), connection);
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
      return null;
    }
  }

  /** The context, unless its peer is not trusted. */
  private accepted(
    context: ReceivedContext | null,
    connection: ServerConnection | null,
  ): ReceivedContext | null {
    const { contexts } = this.runtime.gate.calls;
    if (context === null || context.rejection !== null || contexts === null) return context;
    return contexts.accepts(connection?.peer) ? context : rejected('untrusted');
  }

  /** Called when the processor has returned. Never throws. */
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

  /** Called when the processor has thrown. Never throws. */
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
      const { unfinished } = this.replies.metrics;
      if (unfinished.call === call) return unfinished.settle();
      this.replies.remove(call);
      call.end('none');
      return;
    }
    // With a custom transport or protocol, reading may be the only way to find out that there is no message.
    if (!isDecoding || (this.header === null && !(this.available > 0))) return;
    const { connection } = this.replies;
    const reason = reasonOfDecodingError(error, isFramed(this.input.trans));
    if (reason !== null) protocolErrorsOf(this.runtime).count(reason, error);
    else if (connection !== null) connection.endsWithinMessage = true;
  }

  private close(): void {
    this.isDecoding = false;
    this.runtime.gate.calls.incoming = null;
    this.runtime.journal.incoming = null;
    this.context?.restore();
    this.context = null;
    this.call = null;
  }
}

/** Prepares to observe the message that a processor is about to read. Returns null if it cannot be observed. */
export function openRequest(
  methods: MethodTable,
  input: Protocol,
  output: Protocol,
): RequestObserver | null {
  try {
    const known = input.thriftMetricsRequest as RequestObserver | undefined;
    const observer =
      known?.input === input ? known : observeInput(methods.metrics, input, output, known);
    observer.open(methods);
    return observer;
  } catch (fault) {
    methods.metrics.runtime.faults.report(SITE, fault);
    return null;
  }
}

/**
 * Observes a protocol object. `copied` is the observer of the object that this one is a copy of, if it is a copy. It may
 * belong to another copy of this package, so it is asked for the functions that it has replaced.
 */
function observeInput(
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
  input.readMessageBegin = observedReadMessageBegin;
  input.readMessageEnd = observedReadMessageEnd;
  return observer;
}

function observedReadMessageBegin(this: Protocol): MessageBegin {
  const observer = this.thriftMetricsRequest as RequestObserver;
  const header = observer.readMessageBegin.call(this);
  try {
    observer.began(header);
  } catch (fault) {
    observer.runtime.faults.report(SITE, fault);
  }
  return header;
}

function observedReadMessageEnd(this: Protocol): unknown {
  const observer = this.thriftMetricsRequest as RequestObserver;
  const result = observer.readMessageEnd.call(this);
  try {
    observer.arrived();
  } catch (fault) {
    observer.runtime.faults.report(SITE, fault);
  }
  return result;
}
