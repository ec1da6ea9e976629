import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import { Clients, poll, scrape, scrapeWhenOpen, takePorts } from './call-calculator';
import { AUTO } from './start-arrangement';

const run = promisify(execFile);

/** A PM2 daemon of its own, which ends with the test. */
class ProcessManager {
  private constructor(private readonly env: Readonly<Record<string, string>>) {}

  static start(env: Readonly<Record<string, string>> = {}): ProcessManager {
    const home = mkdtempSync(join(tmpdir(), 'pm2-'));
    const { PATH = '' } = process.env;
    const manager = new ProcessManager({ PATH, HOME: home, PM2_HOME: home, ...env });
    onTestFinished(async () => {
      await manager.tell('kill');
      rmSync(home, { recursive: true, force: true });
    });
    return manager;
  }

  async tell(...args: readonly string[]): Promise<void> {
    await run(process.execPath, [require.resolve('pm2/bin/pm2'), ...args], { env: this.env });
  }

  /** Starts a service, and resolves when it answers. */
  async startService(
    name: string,
    mode: readonly string[],
    flags = `--require ${AUTO}`,
  ): Promise<{ clients: Clients; metrics: number }> {
    const [port = 0, metrics = 0] = await takePorts(2);
    const program = join(__dirname, 'programs/server.cjs');
    const service = new ProcessManager({
      ...this.env,
      PORT: String(port),
      THRIFT_METRICS_PORT: String(metrics),
    });
    const nodeArgs = flags === '' ? [] : ['--node-args', flags];
    await service.tell('start', program, '--name', name, ...mode, ...nodeArgs);
    const clients = new Clients(port);
    await poll(() => clients.call(1));
    return { clients, metrics };
  }
}

test.each([
  ['the flags of the application', `--require ${AUTO}`, {}],
  ['NODE_OPTIONS, which also reaches the daemon', '', { NODE_OPTIONS: `--require=${AUTO}` }],
])(
  "in PM2's cluster mode, a scrape has the exact sum over reloads and restarts, by %s",
  async (_title, flags, env) => {
    const manager = ProcessManager.start(env);
    const { clients, metrics } = await manager.startService('one', ['-i', '3'], flags);
    await clients.call(9);
    expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
    for (let i = 0; i < 2; i++) {
      await clients.call(7);
      // Not scraped before, so the workers that end have to report by themselves.
      await manager.tell('reload', 'one');
      await clients.call(5);
      expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
    }
    await clients.call(3);
    await manager.tell('restart', 'one');
    await poll(() => clients.call(1));
    expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
  },
);

test('two applications of one PM2 daemon are not mixed', async () => {
  const manager = ProcessManager.start();
  const one = await manager.startService('one', ['-i', '2']);
  const two = await manager.startService('two', ['-i', '2']);
  await one.clients.call(5);
  await two.clients.call(11);
  expect((await scrapeWhenOpen(one.metrics)).requests).toBe(one.clients.answered);
  expect((await scrapeWhenOpen(two.metrics)).requests).toBe(two.clients.answered);
});

test("a service in PM2's fork mode serves its own metrics", async () => {
  const { clients, metrics } = await ProcessManager.start().startService('forked', []);
  await clients.call(4);
  await scrapeWhenOpen(metrics);
  expect((await scrape(metrics)).requests).toBe(clients.answered);
});
