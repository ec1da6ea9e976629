import { setTimeout as sleep } from 'node:timers/promises';

import { type Gauge, register } from 'prom-client';

/** Waits for oneway calls, which continue after the client has disconnected and are counted only when they settle. */
export async function untilIdle(): Promise<void> {
  const active = register.getSingleMetric('thrift_server_active_requests') as Gauge;
  while ((await active.get()).values.some(({ value }) => value > 0)) await sleep(1);
}
