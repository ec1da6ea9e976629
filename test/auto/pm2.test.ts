import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { ProcessManager } from '../support/process-manager';
import { takePorts } from '../support/free-ports';
import { Clients, poll, scrape, scrapeWhenOpen } from './call-calculator';
import { AUTO } from './start-arrangement';

/** Starts a PM2 daemon that ends with the test. */
function startManager(env: Readonly<Record<string, string>> = {}): ProcessManager {
  const manager = new ProcessManager(env);
  onTestFinished(() => manager.stop());
  return manager;
}

/** Starts a service, and resolves when it answers. */
async function startService(
  manager: ProcessManager,
  name: string,
  mode: readonly string[],
  flags = `--require ${AUTO}`,
): Promise<{ clients: Clients; metrics: number }> {
  const [port = 0, metrics = 0] = await takePorts(2);
  const program = join(__dirname, 'programs/server.cjs');
  const nodeArgs = flags === '' ? [] : ['--node-args', flags];
  await manager.tell(['start', program, '--name', name, ...mode, ...nodeArgs], {
    PORT: String(port),
    THRIFT_METRICS_PORT: String(metrics),
  });
  const clients = new Clients(port);
  await poll(() => clients.call(1));
  return { clients, metrics };
}

test.each([
  ['the flags of the application', `--require ${AUTO}`, {}],
  ['NODE_OPTIONS, which also reaches the daemon', '', { NODE_OPTIONS: `--require=${AUTO}` }],
])(
  "in PM2's cluster mode, a scrape has the exact sum over reloads and restarts, by %s",
  async (_title, flags, env) => {
    const manager = startManager(env);
    const { clients, metrics } = await startService(manager, 'one', ['-i', '3'], flags);
    await clients.call(9);
    expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
    for (let i = 0; i < 2; i++) {
      await clients.call(7);
      // Not scraped before, so the workers that end have to report by themselves.
      await manager.tell(['reload', 'one']);
      await clients.call(5);
      expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
    }
    await clients.call(3);
    await manager.tell(['restart', 'one']);
    await poll(() => clients.call(1));
    expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
  },
);

test('two applications of one PM2 daemon are not mixed', async () => {
  const manager = startManager();
  const one = await startService(manager, 'one', ['-i', '2']);
  const two = await startService(manager, 'two', ['-i', '2']);
  await one.clients.call(5);
  await two.clients.call(11);
  expect((await scrapeWhenOpen(one.metrics)).requests).toBe(one.clients.answered);
  expect((await scrapeWhenOpen(two.metrics)).requests).toBe(two.clients.answered);
});

test("a service in PM2's fork mode serves its own metrics", async () => {
  const { clients, metrics } = await startService(startManager(), 'forked', []);
  await clients.call(4);
  await scrapeWhenOpen(metrics);
  expect((await scrape(metrics)).requests).toBe(clients.answered);
});
