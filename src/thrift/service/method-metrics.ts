import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import { ageSeries, builtInFamily, builtInSeries } from '../../runtime/families';
import type { ProcessorMethod } from '../generated';
import { ONEWAY } from '../wire';
import { LookingCounter, LookingGauge, WaitingMessages } from './begun-reply';

/** The value of `thrift_method` for every method that the service does not have: its name is the peer's to choose. */
export const UNKNOWN_METHOD = '_unknown';

export type MessageType = 'call' | 'oneway';
export type Reply = 'reply' | 'exception' | 'none';
export type LostReason = 'unserializable' | 'disconnected';

/** The cells for replies; a oneway method has none. */
export interface ReplyMetrics {
  readonly size: HistogramCell;
  readonly write: HistogramCell;
  readonly lost: Readonly<Record<LostReason, CounterCell>>;
}

/** The cells of one method of a service, all at 0 from the start. */
export class MethodMetrics {
  readonly isUnknown: boolean;
  readonly active: GaugeCell;
  readonly waiting = new WaitingMessages();
  readonly requestSize: HistogramCell;
  readonly decode: HistogramCell;
  readonly replies: ReplyMetrics | null;
  private readonly counters: Record<Reply, CounterCell | null>;

  constructor(
    private readonly service: string,
    readonly method: string,
    private readonly type: MessageType,
  ) {
    const { labels } = this;
    const isUnknown = method === UNKNOWN_METHOD;
    this.isUnknown = isUnknown;
    // Methods that a service does not have are always answered by an exception, also oneway ones.
    const isAnswered = isUnknown || type === 'call';
    this.active = builtInSeries(CATALOGUE.activeMessages, labels, () => new LookingGauge()).cell;
    this.requestSize = builtInSeries(CATALOGUE.requestSize, labels).cell;
    this.decode = builtInSeries(CATALOGUE.requestDecode, labels).cell;
    this.replies = isAnswered ? this.replyMetrics() : null;
    this.counters = {
      reply: isAnswered && !isUnknown ? this.counter('reply') : null,
      exception: isAnswered ? this.counter('exception') : null,
      none: isUnknown ? null : this.counter('none'),
    };
    if (!isUnknown) this.addOldestActive();
  }

  count(reply: Reply): void {
    (this.counters[reply] ??= this.counter(reply)).value++;
  }

  private get labels(): Record<string, string> {
    return { [LABEL.service]: this.service, [LABEL.method]: this.method };
  }

  private counter(reply: Reply): CounterCell {
    const labels = { ...this.labels, [LABEL.messageType]: this.type, [LABEL.reply]: reply };
    const create = reply === 'none' ? () => new LookingCounter() : undefined;
    return builtInSeries(CATALOGUE.messages, labels, create).cell;
  }

  private replyMetrics(): ReplyMetrics {
    const { labels } = this;
    const lost = (reason: LostReason): CounterCell =>
      builtInSeries(
        CATALOGUE.lostReplies,
        { ...labels, [LABEL.reason]: reason },
        () => new LookingCounter(),
      ).cell;
    return {
      size: builtInSeries(CATALOGUE.responseSize, labels).cell,
      write: builtInSeries(CATALOGUE.responseWrite, labels).cell,
      lost: { unserializable: lost('unserializable'), disconnected: lost('disconnected') },
    };
  }

  private addOldestActive(): void {
    const series = ageSeries(CATALOGUE.oldestActive, this.labels);
    // Decorated handlers share the series, and give it up where they get another service.
    series.owners++;
    series.cell.sources.add(this.waiting);
  }
}

const known = new Map<string, MethodMetrics>();

/** The cells of a method, the same ones however many processors serve it. */
export function methodMetrics(service: string, method: string, type: MessageType): MethodMetrics {
  // Neither type nor method has a blank.
  const key = `${type} ${method} ${service}`;
  let metrics = known.get(key);
  if (metrics === undefined) known.set(key, (metrics = new MethodMetrics(service, method, type)));
  return metrics;
}

/** Puts the families into the registry. */
export function registerMessageFamilies(): void {
  for (const entry of [
    CATALOGUE.messages,
    CATALOGUE.activeMessages,
    CATALOGUE.oldestActive,
    CATALOGUE.requestSize,
    CATALOGUE.requestDecode,
    CATALOGUE.responseSize,
    CATALOGUE.responseWrite,
    CATALOGUE.lostReplies,
  ]) {
    builtInFamily(entry);
  }
}

/** The methods of one processor, by the name that messages call them by. */
export class MethodTable {
  private readonly known = new Map<string, MethodMetrics>();
  private readonly unknown: MethodMetrics;

  constructor(
    methods: Iterable<ProcessorMethod>,
    private readonly service: string,
    serviceOf: (method: string) => string,
  ) {
    for (const { name, isOneway } of methods) {
      this.known.set(name, methodMetrics(serviceOf(name), name, isOneway ? 'oneway' : 'call'));
    }
    this.unknown = methodMetrics(service, UNKNOWN_METHOD, 'call');
  }

  find(name: unknown, type: unknown): MethodMetrics {
    const found = this.known.get(typeof name === 'string' ? name : textOf(name));
    if (found !== undefined) return found;
    return type === ONEWAY ? methodMetrics(this.service, UNKNOWN_METHOD, 'oneway') : this.unknown;
  }
}

/** As generated code makes it text when it looks for the method: a Buffer, where the message says no version. */
function textOf(name: unknown): string {
  try {
    return String(name);
  } catch {
    return '';
  }
}
