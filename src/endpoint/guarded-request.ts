import type { IncomingMessage, ServerResponse } from 'node:http';

import type { FaultSink } from '../recording/guards';
import { LATE, within, type Limits } from '../scrape/deadlines';
import type { Guard } from './auth';
import { respond, respondBusy } from './respond';

/**
 * Passes a request on to `serve` if it is allowed, and otherwise responds with 401 or 405. A fault is reported and becomes
 * a 500; it never reaches the program.
 *
 * @param refuse answers a request that is not allowed with more than a line, and returns whether it did
 */
export async function guarded(
  faults: FaultSink,
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
  { authTimeout }: Pick<Limits, 'authTimeout'>,
  serve: () => void | Promise<void>,
  refuse: () => boolean | Promise<boolean> = () => false,
): Promise<void> {
  // Discards the body, because the next request on the connection comes after it.
  request.resume();
  response.on('error', () => {});
  try {
    const verdict = await verdictOf(guard, request, authTimeout);
    if (verdict === LATE) {
      faults.report('endpoint', new Error(unsettled(authTimeout)));
      respondBusy(response, 'the authentication takes too long');
    } else if (verdict !== true) {
      // Refuses `'no'` and `{ allowed: false }`, which JavaScript takes for true.
      if (verdict) faults.report('endpoint', new Error(notTrue(verdict)));
      if (!isRead(request) || !(await refuse())) {
        const headers = { 'WWW-Authenticate': guard.challenge };
        respond(response, 401, 'authentication is needed', headers);
      }
    } else if (!isRead(request)) {
      respond(response, 405, 'GET and HEAD are allowed', { Allow: 'GET, HEAD' });
    } else await serve();
  } catch (error) {
    faults.report('endpoint', error);
    if (!response.headersSent) respond(response, 500, 'the metrics could not be written');
    else response.destroy();
  }
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Returns what the guard answers, or {@link LATE} after `timeout` milliseconds. */
function verdictOf(guard: Guard, request: IncomingMessage, timeout: number): unknown {
  const verdict: unknown = guard.allows(request);
  return typeof verdict === 'boolean' ? verdict : within(verdict, timeout, false);
}

function unsettled(timeout: number): string {
  return `The function in the option 'auth' did not settle within ${timeout} ms, so the request was answered with 503. Make it answer sooner.`;
}

function notTrue(verdict: unknown): string {
  return `The function in the option 'auth' returned a value of type ${typeof verdict}, so the request was answered with 401. Return true to allow a request, and false to refuse it.`;
}
