// A Thrift service and its metrics endpoint in one process, for test/endpoint/floods.test.ts to attack. It reports its
// Thrift port over IPC, and then carries out orders.
import diagnostics from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';

import { Gauge, Registry } from 'prom-client';

import { currentRuntime } from '../../../src/runtime/runtime';
import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { LIMITS, type Limits } from '../../../src/scrape/deadlines';
import { sharedScrapesOf } from '../../../src/endpoint/shared-scrape';
import { startServer } from '../../../src/endpoint/metrics-server';
import { configureMetrics, Instrumented, type MetricsServer } from '../../../src/index';
import { closing } from '../../support/closing';
import { startThrift, type Service } from '../../support/start-thrift';

export type Order =
  /** Starts an endpoint; answers with its port. */
  | { readonly limits: Partial<Limits> }
  /** Waits until that many connections were accepted and all have closed; answers with what is still open. */
  | { readonly quietAfter: number }
  /** Answers with the bytes of memory that cannot be garbage-collected. */
  | 'measure';

interface Open {
  readonly connections: number;
  readonly scrapes: number;
}

/** In milliseconds, longer than any limit of a test: what is still open then stays open. */
const LONGEST_QUIET = 30_000;

@Instrumented({ service: 'Calculator' })
class Handler {
  add(left: number, right: number): number {
    return left + right;
  }
}

const registry = new Registry();
configureMetrics({ registry, processMetrics: false });
// Does not fit into the buffers of a connection.
const large = new Gauge({
  name: 'large',
  help: 'A gauge.',
  labelNames: ['series'],
  registers: [registry],
});
for (let series = 0; series < 1000; series++) large.set({ series: `${series}`.padEnd(10_000) }, 1);

let server: MetricsServer | undefined;
let accepted = 0;
const acceptance = new EventEmitter();
const sockets = new Set<Socket>();
diagnostics.subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  if (socket.localPort !== server?.port) return;
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  accepted++;
  acceptance.emit('socket');
});

const running = (): Promise<unknown>[] => {
  const scrapes = sharedScrapesOf(currentRuntime());
  return [...scrapes['running'], ...scrapes['waiting'].values()].map(({ scrape }) => scrape);
};

async function quietAfter(connections: number): Promise<Open> {
  const isAccepting = (): boolean => accepted < connections;
  const quiet = async (): Promise<void> => {
    while (isAccepting()) await once(acceptance, 'socket');
    while (sockets.size > 0) await Promise.all([...sockets].map(closing));
    await Promise.allSettled(running());
  };
  await Promise.race([quiet(), once(AbortSignal.timeout(LONGEST_QUIET), 'abort')]);
  return { connections: sockets.size, scrapes: running().length };
}

async function measure(): Promise<number> {
  let memory = Infinity;
  let before: number;
  do {
    before = memory;
    globalThis.gc?.();
    // A collected object may have to close before the memory it held can be freed.
    await new Promise((resolve) => setImmediate(resolve));
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    memory = Math.min(before, heapUsed + external + arrayBuffers);
  } while (memory < before);
  return memory;
}

async function obey(order: Order): Promise<unknown> {
  if (order === 'measure') return measure();
  if ('quietAfter' in order) return quietAfter(order.quietAfter);
  await server?.close();
  accepted = 0;
  server = await startServer(
    currentRuntime(),
    { port: 0, host: '127.0.0.1' },
    { ...LIMITS, ...order.limits },
  );
  return server.port;
}

process.on('message', (order: Order) => void obey(order).then((answer) => process.send?.(answer)));
void startThrift(Calculator as unknown as Service, new Handler()).then(({ port }) =>
  process.send?.(port),
);
