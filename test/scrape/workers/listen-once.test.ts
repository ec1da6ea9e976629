import cluster, { type Worker as ClusterWorker } from 'node:cluster';
import diagnosticsChannel from 'node:diagnostics_channel';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

import type * as api from '../../../src/index';
import { runProgram } from '../../support/start-program';

const programs = join(__dirname, 'programs');
const RUNTIME = Symbol.for('thrift-metrics.runtime.1');

/** Loads the package again, as a test runner does for each file or between tests. */
async function load(): Promise<typeof api> {
  vi.resetModules();
  return vi.importActual('../../../src/index');
}

function counts(): number[] {
  const events = ['worker', 'exit', 'message', 'disconnect'];
  return [
    ...events.map((event) => process.listenerCount(event)),
    cluster.listenerCount('message'),
    cluster.listenerCount('disconnect'),
  ];
}

it('loading the package repeatedly does not add listeners', async () => {
  await (await load()).renderMetrics();
  const before = counts();
  for (let i = 0; i < 3; i++) await (await load()).renderMetrics();
  expect(counts()).toEqual(before);
  expect(diagnosticsChannel.channel('child_process').hasSubscribers).toBe(true);
});

it('loading the package with separate global objects adds no cluster listeners, and the latest copy receives messages', async () => {
  const before = [cluster.listenerCount('message'), cluster.listenerCount('disconnect')];
  for (let i = 0; i < 3; i++) {
    // Simulates another global object.
    Reflect.deleteProperty(globalThis, RUNTIME);
    await (await load()).renderMetrics();
  }
  expect([cluster.listenerCount('message'), cluster.listenerCount('disconnect')]).toEqual(before);

  const { configureMetrics, renderMetrics } = await load();
  configureMetrics({ onError: () => {} });
  const family = {
    name: 'heard_total',
    type: 'counter',
    help: 'x',
    aggregator: 'sum',
    points: [],
    series: [['a="1"', [7, null]]],
  };
  const chunk = { type: 'thrift-metrics.3:chunk', threadId: 0, id: 0 };
  const worker = { id: 1000, process: { pid: 1 }, isConnected: () => false } as ClusterWorker;
  const body = JSON.stringify([family]);
  cluster.emit('message', worker, { ...chunk, index: 0, kind: 'families', body });
  cluster.emit('message', worker, { ...chunk, index: 1, kind: 'end', body: '' });
  cluster.emit('disconnect', worker);
  expect((await renderMetrics()).body.toString()).toContain('heard_total{a="1"} 7\n');
});

it('a primary without this package receives none of its messages', async () => {
  const { stdout } = await runProgram(process.execPath, [
    join(programs, 'primary-without-package.mjs'),
  ]);
  expect(JSON.parse(stdout)).toEqual({ code: 3, messages: ['own'] });
});

it('a program that has had workers exits on its own', async () => {
  const program = await runProgram(process.execPath, [join(programs, 'ending-main.mjs')]);
  expect(program.stderr).toBe('');
  expect(program.stdout).toMatch(/^thrift_server_requests_total\{.*\} 7$/m);
  expect(program.code).toBe(0);
});
