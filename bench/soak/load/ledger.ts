import { Thrift } from 'thrift';

import type { Call } from '../../../examples/calculator/mix.js';
import { Tally } from '../../../examples/calculator/tally.js';
import type * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';

/** The client does not wait for it. */
export const ONEWAY = 'Calculator.zip';

/** The clients' own count of what they sent and how the server answered. */
export class Ledger {
  readonly tally = new Tally();
  sent = 0;
  /** How long the calls took that are answered, from the clients' point of view. */
  seconds = 0;
  sessions = 0;
  /** Errors of sessions that did not end as they should. */
  readonly broken: string[] = [];

  async call(client: Calculator.Client, { method, send }: Call): Promise<void> {
    this.sent++;
    const began = performance.now();
    const outcome = await send(client).then(
      () => 'ok' as const,
      (error: unknown) => (isDeclared(error) ? 'declared' : 'undeclared'),
    );
    this.tally.add(method, outcome);
    if (method !== ONEWAY) this.seconds += (performance.now() - began) / 1000;
  }
}

/** An error that the IDL does not declare reaches a client as a TApplicationException. */
function isDeclared(error: unknown): boolean {
  return error instanceof Thrift.TException && !(error instanceof Thrift.TApplicationException);
}
