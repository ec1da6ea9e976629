// A Thrift server with the live page. Arguments decide how long its methods take and whether they fail. Prints its ports.
// Labels and names contain HTML that would run if the page treated one as HTML.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import * as thrift from 'thrift';
import {
  configureMetrics,
  ErrorsCounted,
  Instrumented,
  instrumentHandler,
  Objective,
  startMetricsServer,
} from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import {
  InvalidOperation,
  type Work,
} from '../../../examples/calculator/gen-nodejs/calculator_types.js';

const HOSTILE = '<img src=x onerror="globalThis.wasOwned=1">';

@Instrumented({ service: 'Calculator', buckets: [0.01, 0.025, 0.05, 0.1, 0.25] })
@Objective({ availability: 0.9, latency: { target: 0.5, within: 0.1 } })
class PacedHandler {
  async ping(): Promise<void> {}

  /** Takes this many milliseconds. */
  @ErrorsCounted({ exceptions: [InvalidOperation] })
  async calculate(milliseconds: number, work: Work): Promise<number> {
    await sleep(milliseconds);
    if (work.right === 0) throw new InvalidOperation({ operation: 0, why: 'by 0' });
    return work.left;
  }

  async mean(values: number[]): Promise<number> {
    if (values.length > 0) return 0;
    throw Object.assign(new Error(), { name: HOSTILE });
  }

  /** Never answers. */
  factorize(): Promise<number[]> {
    return new Promise(() => {});
  }
}

async function main(metricsPort: number): Promise<void> {
  configureMetrics({ defaultLabels: { env: HOSTILE } });
  const hostile = instrumentHandler({ async [HOSTILE]() {} }, { service: HOSTILE });
  const server = thrift.createServer(Calculator, new PacedHandler()) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const metrics = await startMetricsServer({ port: metricsPort, host: '127.0.0.1' });
  await hostile[HOSTILE]?.();
  console.log(`thrift ${(server.address() as AddressInfo).port} metrics ${metrics.port}`);
}

void main(Number(process.argv[2]));
