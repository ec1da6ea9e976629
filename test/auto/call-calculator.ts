import { once } from 'node:events';

import * as thrift from 'thrift';

import * as Calculator from '../../examples/calculator/gen-nodejs/Calculator';
import { sumOf } from '../support/sum-of';
import { parseText } from '../support/text-format';

/** Clients of the Calculator on a port, and how many of their calls were answered. */
export class Clients {
  answered = 0;

  constructor(private readonly port: number) {}

  /** Makes calls one after another, each on a connection of its own, so that a cluster spreads them over its workers. */
  async call(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const connection = thrift.createConnection('127.0.0.1', this.port, { max_attempts: 1 });
      try {
        const failed = once(connection, 'error').then(([error]) => Promise.reject(error as Error));
        await Promise.race([thrift.createClient(Calculator.Client, connection).add(i, 1), failed]);
        this.answered++;
      } finally {
        connection.end();
      }
    }
  }
}

/** An answer of the endpoint. */
export interface Scrape {
  readonly status: number;
  readonly text: string;
  /** The calls of `add` that the handlers have received. */
  readonly requests: number;
}

export async function scrape(port: number): Promise<Scrape> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { Connection: 'close' },
    // The primary of a cluster never closes a connection that it has given to a worker that died before it took it.
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  const { status } = response;
  const samples = status === 200 ? parseText(text) : [];
  const requests = sumOf(samples, 'thrift_server_requests_total', { thrift_method: 'add' });
  return { status, text, requests };
}

/** Scrapes as soon as the endpoint answers. */
export async function scrapeWhenOpen(port: number): Promise<Scrape> {
  return poll(() => scrape(port));
}

/** Resolves with the first result that is not an error. */
export async function poll<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Whether nobody listens on a port. */
export async function isClosed(port: number): Promise<boolean> {
  const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch(
    (reason: unknown) => reason,
  );
  return (error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED';
}
