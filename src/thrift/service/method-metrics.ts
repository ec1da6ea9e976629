import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell } from '../../metrics/cell';
import type { HistogramCell } from '../../metrics/histogram-cell';
import { UNKNOWN } from '../../recording/guards';
import { definePart, type Runtime } from '../../runtime/runtime';
import type { ProcessorMethod } from '../generated';
import { ONEWAY } from '../wire';
import { ServiceCallers } from './service-callers';
import {
  ActiveMessages,
  FailedReplies,
  UnfinishedReply,
  WaitingMessages,
} from './unfinished-reply';

/** The `thrift_method` of every method that the service does not have, because the client could choose any name. */
const UNKNOWN_METHOD = UNKNOWN;

export type MessageType = 'call' | 'oneway';
export type Reply = 'reply' | 'exception' | 'none';
export type LostReason = 'unserializable' | 'disconnected';

/** The cells for the replies of a method that is not oneway. */
export interface ReplyMetrics {
  readonly size: HistogramCell;
  readonly write: HistogramCell;
  readonly lost: Readonly<Record<LostReason, CounterCell>>;
}

const METRICS = [
  CATALOGUE.messages,
  CATALOGUE.activeMessages,
  CATALOGUE.oldestActive,
  CATALOGUE.requestSize,
  CATALOGUE.requestDecode,
  CATALOGUE.queue,
  CATALOGUE.responseSize,
  CATALOGUE.responseWrite,
  CATALOGUE.lostReplies,
] as const;

/** The cells of every method that an instrumented processor serves. */
export class ServiceMetrics {
  readonly unfinished = new UnfinishedReply();
  private readonly methods = new Map<string, MethodMetrics>();
  /** The callers of every service that a processor serves, by its name. */
  readonly services = new Map<string, ServiceCallers>();
  private areQueuesMeasured = false;

  constructor(readonly runtime: Runtime) {
    runtime.families.whenPolicyChanges.push(() => {
      for (const method of this.methods.values()) method.applyPolicy();
    });
    runtime.families.whenCallersChange.push(() => {
      for (const callers of this.services.values()) callers.startAtZero();
    });
  }

  /** Returns the cells of a method. All processors that serve it share them. */
  method(service: string, method: string, type: MessageType): MethodMetrics {
    // The key is unambiguous, because neither the type nor the method contains a space.
    const key = `${type} ${method} ${service}`;
    let metrics = this.methods.get(key);
    if (metrics === undefined) {
      metrics = new MethodMetrics(this, service, method, type);
      this.methods.set(key, metrics);
      if (this.areQueuesMeasured) metrics.measureQueue();
    }
    return metrics;
  }

  /** The callers of a service. All its methods share them. */
  callers(service: string): ServiceCallers {
    let callers = this.services.get(service);
    if (callers === undefined) {
      callers = new ServiceCallers(this.runtime, service);
      this.services.set(service, callers);
    }
    return callers;
  }

  /** Creates the series of the time in the queue. Called when a server is instrumented, because it knows when input arrives. */
  measureQueues(): void {
    this.areQueuesMeasured = true;
    for (const method of this.methods.values()) method.measureQueue();
  }

  /** Puts the families into the registry. */
  register(): void {
    const { families, settings } = this.runtime;
    for (const entry of METRICS) families.builtIn(entry);
    if (settings.callers === false) return;
    families.builtIn(CATALOGUE.callerRequests);
    families.builtIn(CATALOGUE.callerFailedRequests);
  }
}

export const serviceMetricsOf = definePart(
  'thrift.service',
  (runtime) => new ServiceMetrics(runtime),
);

/** The cells of one method of a service. The series of every known method start at 0. */
export class MethodMetrics {
  readonly isUnknown: boolean;
  /** Whether rules exclude every metric of the method. Its messages are not observed then. */
  isExcluded = false;
  readonly active: GaugeCell;
  readonly waiting: WaitingMessages;
  readonly requestSize: HistogramCell;
  readonly decode: HistogramCell;
  /** The callers of the service. */
  readonly callers: ServiceCallers;
  /** Null if no server is instrumented, and for messages that never reach a handler. */
  queue: HistogramCell | null = null;
  /** Null if the method is oneway. */
  readonly replies: ReplyMetrics | null;
  private readonly labels: Readonly<Record<string, string>>;
  private readonly counters: Record<Reply, CounterCell | null>;

  constructor(
    private readonly metrics: ServiceMetrics,
    readonly service: string,
    readonly method: string,
    private readonly type: MessageType,
  ) {
    const { families } = metrics.runtime;
    const { unfinished } = metrics;
    const labels = { [LABEL.service]: service, [LABEL.method]: method };
    this.labels = labels;
    this.isUnknown = method === UNKNOWN_METHOD;
    // A method that the service does not have is answered with an exception, even if the message is oneway.
    const isAnswered = this.isUnknown || type === 'call';
    const createActive = (): GaugeCell => new ActiveMessages(unfinished);
    this.active = families.series(CATALOGUE.activeMessages, labels, createActive).cell;
    this.waiting = new WaitingMessages(unfinished);
    this.requestSize = families.series(CATALOGUE.requestSize, labels).cell;
    this.decode = families.series(CATALOGUE.requestDecode, labels).cell;
    this.callers = metrics.callers(service);
    this.replies = isAnswered ? this.replyMetrics() : null;
    this.counters = {
      reply: isAnswered && !this.isUnknown ? this.counter('reply') : null,
      exception: isAnswered ? this.counter('exception') : null,
      none: this.isUnknown ? null : this.counter('none'),
    };
    if (!this.isUnknown) this.addOldestActive();
    this.applyPolicy();
  }

  applyPolicy(): void {
    const { policy } = this.metrics.runtime.settings;
    const { service, method } = this;
    this.isExcluded =
      !policy.isEmpty && METRICS.every(({ name }) => policy.isExcluded(name, { service, method }));
  }

  measureQueue(): void {
    if (this.isUnknown) return;
    this.queue ??= this.metrics.runtime.families.series(CATALOGUE.queue, this.labels).cell;
  }

  count(reply: Reply): void {
    (this.counters[reply] ??= this.counter(reply)).value++;
  }

  private counter(reply: Reply): CounterCell {
    const { families } = this.metrics.runtime;
    const labels = { ...this.labels, [LABEL.messageType]: this.type, [LABEL.reply]: reply };
    const create = reply === 'none' ? () => new FailedReplies(this.metrics.unfinished) : undefined;
    return families.series(CATALOGUE.messages, labels, create).cell;
  }

  private replyMetrics(): ReplyMetrics {
    const { labels, metrics } = this;
    const { families } = metrics.runtime;
    const lost = (reason: LostReason): CounterCell => {
      const create = (): CounterCell => new FailedReplies(metrics.unfinished);
      const lostLabels = { ...labels, [LABEL.reason]: reason };
      return families.series(CATALOGUE.lostReplies, lostLabels, create).cell;
    };
    return {
      size: families.series(CATALOGUE.responseSize, labels).cell,
      write: families.series(CATALOGUE.responseWrite, labels).cell,
      lost: { unserializable: lost('unserializable'), disconnected: lost('disconnected') },
    };
  }

  private addOldestActive(): void {
    const { families } = this.metrics.runtime;
    const series = families.ageSeries(CATALOGUE.oldestActive, this.labels);
    // Decorated handlers share the series and release it when they get another service.
    series.references++;
    series.cell.sources.add(this.waiting);
  }
}

/** The methods of one processor, by their names in messages. */
export class MethodTable {
  private readonly known = new Map<string, MethodMetrics>();
  private readonly unknown: MethodMetrics;

  constructor(
    readonly metrics: ServiceMetrics,
    methods: Iterable<ProcessorMethod>,
    /** The service, unless a decorated handler names another one for a method. */
    readonly service: string,
    serviceOf: (method: string) => string,
  ) {
    for (const { name, isOneway } of methods) {
      const type = isOneway ? 'oneway' : 'call';
      this.known.set(name, metrics.method(serviceOf(name), name, type));
    }
    this.unknown = metrics.method(service, UNKNOWN_METHOD, 'call');
  }

  find(name: unknown, type: unknown): MethodMetrics {
    const found = this.known.get(typeof name === 'string' ? name : toText(name));
    if (found !== undefined) return found;
    if (type !== ONEWAY) return this.unknown;
    return this.metrics.method(this.service, UNKNOWN_METHOD, 'oneway');
  }
}

/** The name as generated code looks it up. The name is a Buffer if the message has no version. */
function toText(name: unknown): string {
  try {
    return String(name);
  } catch {
    return '';
  }
}
