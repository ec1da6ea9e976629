import type { Context } from '@opentelemetry/api';

import { CATALOGUE, LABEL } from '../metrics/catalogue';
import type { CounterCell } from '../metrics/cell';
import type { CallMessage, ContextRejection } from '../recording/call-message';
import { CALLER_MEMBER } from '../recording/caller';
import type { Runtime } from '../runtime/runtime';
import type { OpenTelemetry } from './opentelemetry-api';

const REJECTIONS: readonly ContextRejection[] = [
  'type',
  'duplicate',
  'entries',
  'size',
  'untrusted',
];

const SITE = 'tracing';

/** Passes contexts from clients to servers, with the global propagator of OpenTelemetry. */
export class ContextPropagation {
  private readonly rejected: ReadonlyMap<ContextRejection, CounterCell>;

  constructor(
    private readonly runtime: Runtime,
    private readonly api: OpenTelemetry,
  ) {
    this.rejected = new Map(
      REJECTIONS.map((reason) => {
        const labels = { [LABEL.reason]: reason };
        return [reason, runtime.families.series(CATALOGUE.rejectedContexts, labels).cell];
      }),
    );
  }

  /** The entries of a context. */
  entriesOf(context: Context): [string, string][] {
    const carrier: Record<string, unknown> = {};
    this.api.propagation.inject(context, carrier);
    return Object.entries(carrier).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
  }

  /** The context in which a handler is called: that of the request, or else the active one. */
  contextOf(message: CallMessage): Context {
    const active = this.api.context.active();
    const received = message.receivedContext();
    if (received === null) return active;
    const { rejection, carrier } = received;
    if (rejection === null) return this.extract(active, carrier);
    (this.rejected.get(rejection) as CounterCell).value++;
    return active;
  }

  /** The context in a request. A propagator of the program may throw, and the handler still gets a span. */
  private extract(active: Context, carrier: Readonly<Record<string, string>>): Context {
    try {
      return this.withoutCaller(this.api.propagation.extract(active, carrier));
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
      return active;
    }
  }

  /** Removes the name of the caller, which is not the caller of the calls that the handler makes. */
  private withoutCaller(context: Context): Context {
    const { propagation } = this.api;
    const baggage = propagation.getBaggage(context);
    if (baggage?.getEntry(CALLER_MEMBER) === undefined) return context;
    return propagation.setBaggage(context, baggage.removeEntry(CALLER_MEMBER));
  }
}
