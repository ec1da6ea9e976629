// The pool of clients of the first part: a program that knows nothing of metrics, started with `thrift-metrics/auto`, with
// tracing. It calls through a pool that creates a client for each call on connections that come and go.
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import thrift = require('thrift');
import { renderMetrics } from 'thrift-metrics';

import type { Client } from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { type Call, nextCall } from '../../../examples/calculator/mix.js';
import type { Count } from '../../../examples/calculator/tally.js';
import { sumOf } from '../../../test/support/sum-of';
import { parseText } from '../../../test/support/text-format';
import { METHODS } from '../checks/compare-counts.js';
import { Ledger, ONEWAY } from '../load/ledger.js';
import { SpanCounts, type SpanReport } from './span-counts.js';

/** Every order is answered with a report. */
export type PoolOrder = { readonly call: number } | 'pause';

export interface PoolReport {
  readonly counts: Readonly<Record<string, Count>>;
  readonly calls: number;
  readonly seconds: number;
  /** What the metrics of the clients say. */
  readonly requests: number;
  readonly succeeded: number;
  readonly active: number;
  readonly spans: SpanReport;
}

type Callback = (error: unknown, result: unknown) => void;
type Pool = Record<string, (...args: [...unknown[], Callback]) => void>;

const createPool: (...args: unknown[]) => Pool = require('node-thrift-pool');
const Calculator: unknown = require('../../../examples/callback-style/gen-nodejs-es5/Calculator.js');

const LANES = 4;
const MOST_CONNECTIONS = 3;
/** Connections close soon after the load pauses, because the server is sampled without any. */
const IDLE_MS = 200;

const spans = new SpanCounts();
const ledger = new Ledger();
let lanes: Promise<unknown> = Promise.resolve();
let pause = new AbortController();

/** Gives a pool the form of a client with promises. */
function clientOf(port: number): Client {
  const options = { host: '127.0.0.1', port, max_connections: MOST_CONNECTIONS };
  const pool = createPool(thrift, Calculator, { ...options, idle_timeout: IDLE_MS });
  const call = (method: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      pool[method]?.(...args, (error, result) => (error == null ? resolve(result) : reject(error)));
    });
  return new Proxy({} as Client, {
    get:
      (_, method: string) =>
      (...args: unknown[]) =>
        call(method, args),
  });
}

/** The pool waits for an answer to each call, so it cannot make a oneway call. */
function nextAnsweredCall(): Call {
  for (;;) {
    const call = nextCall();
    if (call.method !== ONEWAY) return call;
  }
}

async function run(client: Client, { signal }: AbortController): Promise<void> {
  while (!signal.aborted) await ledger.call(client, nextAnsweredCall());
}

async function report(): Promise<PoolReport> {
  const samples = parseText((await renderMetrics()).body.toString());
  const of = (metric: string, labels = {}): number => sumOf(samples, metric, labels) || 0;
  return {
    counts: Object.fromEntries(METHODS.map((method) => [method, ledger.tally.of(method)])),
    calls: ledger.sent,
    seconds: ledger.seconds,
    requests: of('thrift_client_requests_total'),
    succeeded: of('thrift_client_latency_seconds_count', { thrift_success: 'true' }),
    active: of('thrift_client_active_requests'),
    spans: spans.report,
  };
}

async function execute(order: PoolOrder): Promise<PoolReport> {
  if (order === 'pause') {
    pause.abort();
    await lanes;
  } else {
    pause = new AbortController();
    const client = clientOf(order.call);
    lanes = Promise.all(Array.from({ length: LANES }, () => run(client, pause)));
  }
  return report();
}

new NodeTracerProvider({ spanProcessors: [spans] }).register();
process.on(
  'message',
  (order: PoolOrder) => void execute(order).then((answer) => process.send?.(answer)),
);
// The parent process is gone.
process.once('disconnect', () => process.exit(1));
process.send?.({});
