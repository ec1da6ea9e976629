// Calls a handler for very many tenants, of which few call at a time, while their series expire.
import { Registry } from 'prom-client';

import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  InFlight,
  ThriftService,
  Timed,
} from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';

/** Tenants that call before memory is measured. */
const ROUND = 50_000;
const ROUNDS = 4;

const labels = { tenant: ({ args }: { args: readonly unknown[] }) => String(args[0]) };

@ThriftService('Shop')
class Shop {
  @Counted({ labels })
  @Timed({ labels })
  @ErrorsCounted({ labels })
  @InFlight({ labels })
  buy(_tenant: string, fails: boolean): void {
    if (fails) throw new RangeError('no');
  }
}

const runtime = currentRuntime();
const registry = new Registry();
configureMetrics({ registry, expireAfter: 0.2, maxSeriesPerMetric: 1_000_000 });

const NAMES = {
  thrift_server_requests_total: 'requests',
  thrift_server_latency_seconds: 'durations',
  thrift_server_errors_total: 'errors',
} as const;

const counted = { requests: 0, durations: 0, errors: 0 };
let expired = 0;

runtime.idleSeries.listeners.add(({ registeredName }, { cell }) => {
  expired++;
  const what = NAMES[registeredName as keyof typeof NAMES];
  if (what === undefined) return;
  if ('generation' in cell) throw new Error('A gauge has no count.');
  counted[what] +=
    'count' in cell ? (typeof cell.count === 'number' ? cell.count : cell.count()) : cell.read();
});

/** Resolves once every series of a tenant has left. */
async function untilAllExpired(): Promise<void> {
  const names = new Set([...Object.keys(NAMES), 'thrift_server_active_requests']);
  const own = [...runtime.families].filter(({ registeredName }) => names.has(registeredName));
  const series = (): number => own.reduce((sum, { size }) => sum + size, 0);
  while (series() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function main(): Promise<void> {
  const shop = new Shop();
  const heaps: number[] = [];
  let calls = 0;
  let failed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < ROUND; i++) {
      const tenant = `tenant-${round}-${i}`;
      const fails = i % 10 === 0;
      calls++;
      if (fails) failed++;
      try {
        shop.buy(tenant, fails);
      } catch {
        // It should.
      }
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // Some are still there at a scrape.
    if (round === 1) await registry.metrics();
    await untilAllExpired();
    globalThis.gc?.();
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed);
  }
  console.log(JSON.stringify({ calls, failed, counted, expired, heaps }));
}

void main();
