import http = require('node:http');
import https = require('node:https');
import type { Agent, IncomingMessage } from 'node:http';

import { isObject } from '../../../../validation/checks';
import { CommandError } from '../../command-line';
import {
  type ReceivedResponse,
  request,
  type RequestDetails,
  type RequestOptions,
  withoutSecrets,
} from '../../http-request';
import { printable, shown } from '../../output';
import type { ExpectedServer } from '../../request-failure';

/** One result of an instant query. A native histogram has a `histogram` instead of a value. */
export interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly histogram?: readonly [
    time: number,
    histogram: {
      readonly buckets?: readonly (readonly [
        boundaries: number,
        left: string,
        right: string,
        count: string,
      ])[];
    },
  ];
  /** Samples of a range selector. */
  readonly values?: readonly (readonly [time: number, value: string])[];
}

/** The outcome of a query: results, or the reason why Prometheus refuses it. */
export type QueryOutcome =
  | {
      readonly results: readonly Result[];
      readonly error: null;
      /** Number of samples that the evaluation read. Null if the server does not tell. */
      readonly samples: number | null;
    }
  | { readonly results: null; readonly error: string; readonly samples: null };

interface QueryData {
  readonly resultType?: unknown;
  readonly result: readonly Result[];
  readonly stats?: { readonly samples?: { readonly totalQueryableSamples?: number } };
}

const PROMETHEUS: ExpectedServer = { name: 'Prometheus', port: 9090 };

/** Requests at a time, so that a check does not keep Prometheus from its work. */
const AT_A_TIME = 4;

/** The HTTP API of Prometheus, or of a database that has the same one. */
export class PrometheusApi {
  private readonly agent: Agent;
  private running = 0;
  /** Starts the requests that wait for others to end. */
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly base: URL,
    private readonly options: RequestOptions,
  ) {
    const { Agent: AgentClass } = base.protocol === 'https:' ? https : http;
    this.agent = new AgentClass({ keepAlive: true, maxSockets: AT_A_TIME });
  }

  /** Evaluates an expression, now or at a time in seconds since 1970. */
  async query(expression: string, time?: number): Promise<QueryOutcome> {
    const form = new URLSearchParams({ query: expression, stats: 'all' });
    if (time !== undefined) form.set('time', String(time));
    const answer = await this.send('query', form);
    if (answer.error !== null) return { results: null, error: answer.error, samples: null };
    const { resultType, result, stats } = answer.data as QueryData;
    const samples = stats?.samples?.totalQueryableSamples ?? null;
    const isVector = resultType !== 'scalar' && resultType !== 'string';
    return { results: isVector ? result : [], error: null, samples };
  }

  /**
   * Evaluates an expression that this command writes itself.
   *
   * @throws {CommandError} if Prometheus refuses it.
   */
  async ask(expression: string): Promise<readonly Result[]> {
    const { results, error } = await this.query(expression);
    if (results !== null) return results;
    throw new CommandError(`Prometheus refuses the query ${shown(expression)}: ${shown(error)}.`);
  }

  /** Reads another part of the API. Returns null if the server does not have it, as some databases do not. */
  async read<T>(path: string): Promise<T | null> {
    const answer = await this.send(path);
    return answer.error === null ? (answer.data as T) : null;
  }

  close(): void {
    this.agent.destroy();
  }

  /** Sends a request when fewer than the limit are in progress, because the time limit of a request begins then. */
  private async request(url: URL, details: RequestDetails): Promise<ReceivedResponse> {
    if (this.running === AT_A_TIME) {
      await new Promise<void>((start) => this.waiting.push(start));
    } else {
      this.running++;
    }
    try {
      return await request(url, this.options, details);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }

  private async send(
    path: string,
    form?: URLSearchParams,
  ): Promise<{ data: unknown; error: null } | { data: null; error: string }> {
    const url = new URL(this.base);
    const [name = '', search = ''] = path.split('?', 2);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/${name}`;
    url.search = search;
    const { text, status } = await this.request(url, {
      server: PROMETHEUS,
      accept: 'application/json',
      agent: this.agent,
      refuse: (response) => refusalOf(response, form === undefined),
      ...(form !== undefined && { form }),
    });
    const answer = parseAnswer(text);
    if (answer?.['status'] === 'success') return { data: answer['data'], error: null };
    const error = answer?.['error'];
    if (typeof error === 'string') return { data: null, error };
    if (form === undefined && status >= 400) return { data: null, error: String(status) };
    throw new CommandError(
      `${withoutSecrets(url)} does not answer as Prometheus does. Check the path of the URL.`,
    );
  }
}

function parseAnswer(text: string): Record<string, unknown> | null {
  try {
    const answer: unknown = JSON.parse(text);
    return isObject(answer) ? (answer as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Errors of a query, which Prometheus answers in JSON. */
const QUERY_ERRORS: ReadonlySet<number> = new Set([400, 422, 503]);

function refusalOf(
  { statusCode = 0, statusMessage = '', headers }: IncomingMessage,
  mayLack: boolean,
): string | null {
  if (statusCode === 200 || QUERY_ERRORS.has(statusCode)) return null;
  if (statusCode === 401 || statusCode === 403) {
    return `${statusCode} ${printable(statusMessage)}. Pass credentials with --header.`;
  }
  if (headers.location === undefined && mayLack && statusCode < 500) return null;
  const to = headers.location === undefined ? '' : ` to ${printable(headers.location)}`;
  return `${statusCode} ${printable(statusMessage)}${to}. Check the URL of Prometheus.`;
}
