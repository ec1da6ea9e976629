import type { IncomingMessage, ServerResponse } from 'node:http';

import { milliseconds, wallClock } from '../metrics/clock';
import { definePart, type Runtime } from '../runtime/runtime';
import { peerGroupOf } from '../scrape/workers/peer-group';
import { callsOfThis } from '../scrape/workers/own-calls';
import type { ProcessCalls } from '../scrape/workers/worker-calls';
import type { CallsSubject } from '../scrape/workers/worker-messages';
import { type CallsQuery, createCallsDocument } from '../tools/calls/calls-document';
import { HIDDEN_FROM_READER } from '../tools/hidden-details';
import type { Auth } from './auth';
import { revealsDetails } from './reveals-details';
import { respondBusy, respondJson } from './respond';

const PATH = '/-/calls';

/** Milliseconds, and the most readings in them. Other readers share the last, so that a flood does not keep processes busy. */
const PERIOD = 250;
const MOST_PER_PERIOD = 5;

/** Most different answers from what was read once. */
const MOST_ANSWERS = 16;

const PARTIAL =
  'These are only the calls of the process that answers, because the process that has those of the whole program does not answer.';

/** What was read from all processes at one time. */
interface Reading {
  readonly time: number;
  readonly all: readonly ProcessCalls[];
  readonly partial: string | null;
  readonly bodies: Map<string, Buffer>;
}

/** What was read in one span of {@link PERIOD}. */
interface Period {
  readonly number: number;
  readings: number;
  /** The last reading, once there are enough. */
  last: Promise<Reading> | null;
}

/** Answers requests for calls in progress and calls that are kept. All endpoints of the process share it. */
class CallsEndpoint {
  /** Of readers who see details and of those who do not, so that a flood of one kind does not hold up the other. */
  private readonly periods = new Map<CallsSubject, Period>();

  constructor(private readonly runtime: Runtime) {}

  /**
   * Responds with the calls if the path asks for them. Returns null if it does not.
   *
   * @param auth what has let this reader in
   */
  serve(
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
    auth: Auth | undefined,
  ): Promise<void> | null {
    if (path !== PATH) return null;
    return this.respond(response, queryOf(query), revealsDetails(auth, request));
  }

  private async respond(
    response: ServerResponse,
    query: CallsQuery,
    showsDetails: boolean,
  ): Promise<void> {
    const { time, all, partial, bodies } = await this.read(showsDetails ? 'calls' : 'bare calls');
    const key = JSON.stringify(query);
    let body = bodies.get(key);
    if (body === undefined) {
      if (bodies.size >= MOST_ANSWERS) {
        respondBusy(response, 'too many different calls are asked for');
        return;
      }
      const hidden = showsDetails ? null : HIDDEN_FROM_READER;
      const document = createCallsDocument(all, query, { time, hidden, partial });
      body = Buffer.from(`${JSON.stringify(document)}\n`);
      bodies.set(key, body);
    }
    respondJson(response, body);
  }

  private read(subject: CallsSubject): Promise<Reading> {
    const number = Math.floor(milliseconds() / PERIOD);
    let period = this.periods.get(subject);
    if (period?.number !== number) {
      period = { number, readings: 0, last: null };
      this.periods.set(subject, period);
    }
    if (period.last !== null) return period.last;
    const reading = this.readNow(subject);
    // Readings that no other reader will share are not kept in memory.
    if (++period.readings >= MOST_PER_PERIOD) this.share(period, reading);
    return reading;
  }

  private share(period: Period, reading: Promise<Reading>): void {
    period.last = reading;
    reading.catch(() => {
      period.last = null;
    });
  }

  private async readNow(subject: CallsSubject): Promise<Reading> {
    const group = peerGroupOf(this.runtime);
    await group.discover();
    const found = await group.collectCalls(subject);
    return {
      time: wallClock(),
      all: found ?? [callsOfThis(this.runtime, subject)],
      partial: found === null ? PARTIAL : null,
      bodies: new Map(),
    };
  }
}

export const callsEndpointOf = definePart(
  'endpoint.calls',
  (runtime) => new CallsEndpoint(runtime),
);

function queryOf(query: URLSearchParams): CallsQuery {
  return {
    service: query.get('service'),
    method: query.get('method'),
    onlyInProgress: query.get('only') === 'in-progress',
  };
}
