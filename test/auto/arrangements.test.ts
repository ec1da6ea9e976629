import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { poll, scrape, scrapeWhenOpen } from './call-calculator';
import { Arrangement, AUTO } from './start-arrangement';

const REQUIRE = JSON.stringify(['--require', AUTO]);

/** How each arrangement loads the package, whether its workers start metrics servers, and how many of them are killed. */
const ARRANGEMENTS = [
  ['the package in every process', { NODE_OPTIONS: `--require=${AUTO}` }, false, 5],
  ['the package in the workers only', { WORKER_ARGS: REQUIRE }, false, 25],
  ['a primary that imports the package', { MAIN_USES: '1', WORKER_ARGS: REQUIRE }, false, 3],
  ['startMetricsServer in each worker', {}, true, 5],
  [
    'startMetricsServer in each worker, and a primary with the package',
    { MAIN_USES: '1' },
    true,
    3,
  ],
] as const;

describe.each(ARRANGEMENTS)('a cluster with %s', (_title, env, own, kills) => {
  test('every scrape has the exact sum while workers are killed one after another', async () => {
    const service = await Arrangement.start(env, 2, { own });
    const { clients, metrics } = service;
    await clients.call(4);
    expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
    for (let i = 0; i < kills; i++) {
      await clients.call(3);
      expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
      await service.kill(i, 'SIGKILL');
      await service.fork();
      expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
    }
    // Several scrapes, because each may reach another worker.
    for (let i = 0; i < 4; i++) expect((await scrape(metrics)).requests).toBe(clients.answered);
  });
});

test('the final report of a worker counts, even if nobody has asked it before', async () => {
  const service = await Arrangement.start({ WORKER_ARGS: REQUIRE }, 3);
  const { clients, metrics } = service;
  await scrapeWhenOpen(metrics);
  await clients.call(30);
  // The exit of the first worker, which leads, and of a second one.
  for (const index of [0, 1]) await service.exit(index);
  expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
});

test('a leader that dies during a scrape makes no scrape wrong', async () => {
  const service = await Arrangement.start({}, 3, { own: true });
  const { clients, metrics } = service;
  await clients.call(9);
  expect((await scrape(metrics)).requests).toBe(9);
  const scrapes = Array.from({ length: 12 }, () => scrape(metrics).catch(() => null));
  await service.kill(0, 'SIGKILL');
  for (const each of await Promise.all(scrapes)) {
    // The connection to the worker that died may be lost.
    if (each !== null) expect([each.status, each.requests]).toEqual([200, 9]);
  }
});

test('a worker that blocks counts with its latest report', async () => {
  const service = await Arrangement.start({}, 3, { own: true });
  const { clients, metrics } = service;
  await clients.call(9);
  expect((await scrape(metrics)).requests).toBe(9);
  service.block(2);
  // A scrape that reaches the worker itself is not answered.
  const answer = await poll(() =>
    fetch(`http://127.0.0.1:${metrics}/metrics`, { signal: AbortSignal.timeout(8000) }),
  );
  expect(await answer.text()).toMatch(/thrift_server_requests_total\{.*"add".*\} 9\n/);
});

test('a blocked leader makes the endpoint answer an error that says why', async () => {
  const service = await Arrangement.start({}, 2, { own: true });
  await service.clients.call(4);
  expect((await scrape(service.metrics)).requests).toBe(4);
  service.block(0);
  const answer = await poll(() =>
    fetch(`http://127.0.0.1:${service.metrics}/metrics`, { signal: AbortSignal.timeout(12_000) }),
  );
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('does not answer');
});

test.each([
  ['is not a folder', '/dev/null'],
  ['other users can access', null],
])('workers that cannot meet answer an error that says why: %s', async (reason, path) => {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-metrics-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const shared = join(folder, `thrift-metrics-${process.getuid?.()}`);
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  const service = await Arrangement.start({ TMPDIR: path ?? folder }, 1, { own: true });
  const { status, text } = await scrape(service.metrics);
  expect(status).toBe(503);
  expect(text).toContain('only a part');
  expect(text).toContain(path === null ? reason : 'ENOTDIR');
});

describe.each([
  ['in the main thread and the threads', { NODE_OPTIONS: `--require=${AUTO}` }],
  ['in the threads only', { WORKER_ARGS: REQUIRE }],
])('worker threads with the package %s', (_title, env) => {
  test('a scrape has the exact sum over all threads, also of those that have exited', async () => {
    const service = await Arrangement.start({ KIND: 'threads', ...env }, 3);
    const { byWorker, metrics } = service;
    await scrapeWhenOpen(metrics);
    for (const [i, clients] of byWorker.entries()) await clients.call(i + 1);
    expect((await scrape(metrics)).requests).toBe(6);
    await service.exit(2);
    await service.fork();
    await byWorker[3]?.call(10);
    expect((await scrape(metrics)).requests).toBe(16);
  });
});

describe.each(ARRANGEMENTS)('threads in the workers of a cluster with %s', (_title, env, own) => {
  test('a scrape has the exact sum over all threads of all workers', async () => {
    const service = await Arrangement.start({ KIND: 'both', ...env }, 0, { own });
    const { byWorker, metrics } = service;
    for (let i = 0; i < 2; i++) await service.fork(2);
    await scrapeWhenOpen(metrics);
    for (const [i, clients] of byWorker.entries()) await clients.call(i + 1);
    expect((await scrape(metrics)).requests).toBe(1 + 2 + 3 + 4);
    await service.kill(0, 'SIGKILL');
    expect((await scrapeWhenOpen(metrics)).requests).toBe(1 + 2 + 3 + 4);
  });
});
