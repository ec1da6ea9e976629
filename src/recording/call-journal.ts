import type { ExemplarSource } from '../metrics/exemplar';
import type { CallChannel, PublishedCall } from './call-channel';
import type { ThriftAddress } from './call-message';
import type { CallReference, ServedCall } from './call-reference';
import type { ErrorReader } from './error-details';
import type { FaultSink } from './guards';
import type { ArgumentWriter } from './shown-arguments';
import { shortText } from './short-text';

const SITE = 'calls';

/** The longest trace id that is kept. That of OpenTelemetry has 32 characters. */
const LONGEST_TRACE_ID = 64;

/** What is known about the origin of a call. */
export interface CallOrigin {
  readonly peer: string | null;
  readonly caller: string | null;
  readonly queueSeconds: number | null;
  readonly arguments: string | null;
}

/** What `configureMetrics({ calls })` decides, and the message that is being handled. */
export class CallJournal {
  enabled = true;
  /** Writes arguments of calls that are shown. Null if they are not shown. */
  writer: ArgumentWriter | null = null;
  /** The message that a processor is passing to its handler right now. */
  incoming: ServedCall | null = null;

  /** @param channel the tracing channel of handlers */
  constructor(
    private readonly channel: Pick<CallChannel, 'contexts'>,
    private readonly exemplars: ExemplarSource,
    readonly errors: ErrorReader,
    private readonly faults: FaultSink,
  ) {}

  report(fault: unknown): void {
    this.faults.report(SITE, fault);
  }

  /** Describes where a call comes from. Runs the function of the option `arguments` unless `withArguments` is false. */
  originOf(
    service: string,
    method: string,
    reference: CallReference | null,
    withArguments = true,
  ): CallOrigin {
    const served = reference?.served ?? null;
    const args = withArguments ? (reference?.args ?? null) : null;
    return {
      peer: served === null ? null : addressText(served.peer),
      caller: served?.caller ?? null,
      queueSeconds: served?.queueSeconds ?? null,
      arguments: args === null || this.writer === null ? null : this.writer(service, method, args),
    };
  }

  /** The trace of a call that is published, or null. */
  traceIdOf(published: PublishedCall | null): string | null {
    if (published === null || this.channel.contexts === null) return null;
    return boundTraceId(this.channel.contexts.traceId(published.message));
  }

  /** The trace of a call that settles right now, or null. */
  traceIdNow(published: PublishedCall | null): string | null {
    const { labels } = this.exemplars;
    return this.traceIdOf(published) ?? boundTraceId(labels?.()?.['trace_id']);
  }
}

function boundTraceId(id: string | null | undefined): string | null {
  return typeof id === 'string' && id !== '' ? shortText(id, LONGEST_TRACE_ID) : null;
}

function addressText(peer: ThriftAddress | undefined): string | null {
  if (peer === undefined) return null;
  const { address, port } = peer;
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
