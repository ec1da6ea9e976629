import cluster, { type Worker } from 'node:cluster';
import { on, once } from 'node:events';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { ClusterPeers } from '../../../src/scrape/workers/cluster-peers';
import type { Peer } from '../../../src/scrape/workers/peer';
import { Reporter } from '../../../src/scrape/workers/reporter';

const PROGRAM = join(__dirname, 'programs/speaking-worker.mjs');

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

let peers: Set<Peer>;
let announced: unknown[];
let reporters: number;
let workers: ClusterPeers;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  peers = new Set();
  announced = [];
  reporters = 0;
  // Events of the cluster go to the latest one that listens.
  workers = new ClusterPeers(peers, {
    createReporter: () => {
      reporters++;
      return new Reporter(
        { report: () => {} },
        async function* () {
          yield { kind: 'families', body: 'of all' };
        },
        async () => null,
      );
    },
    announced: (endpoint) => void announced.push(endpoint),
  });
});
afterEach(() => vi.useRealTimers());

const HELLO = { type: 'thrift-metrics.3:hello', threadId: 0 };
const chunk = (id: number, index: number, kind: string, body = ''): object => ({
  type: 'thrift-metrics.3:chunk',
  threadId: 0,
  id,
  index,
  kind,
  body,
});

type Message = [{ readonly heard?: string | { readonly type: string } }];
const messagesOf = new WeakMap<Worker, AsyncIterator<Message>>();

/** Starts a worker. When it is called, it announces itself, ends, or does nothing. */
async function start(kind: 'package' | 'leaving' | 'other'): Promise<Worker> {
  cluster.setupPrimary({ exec: PROGRAM, args: [kind], execArgv: [] });
  const worker = cluster.fork();
  messagesOf.set(worker, on(worker, 'message') as AsyncIterator<Message>);
  onTestFinished(async () => {
    if (worker.isDead()) return;
    const exited = once(worker, 'exit');
    worker.process.kill('SIGKILL');
    await exited;
  });
  await hears(worker, 'ready');
  return worker;
}

/** Resolves to what the worker passes on next, or to undefined at another message. */
async function nextHeard(worker: Worker): Promise<Message[0]['heard']> {
  const messages = messagesOf.get(worker) as AsyncIterator<Message>;
  const [{ heard }] = (await messages.next()).value as Message;
  return heard;
}

/** Resolves when the worker passes on this, or a message of this type. */
async function hears(worker: Worker, what: string): Promise<object> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one message after another
    const heard = await nextHeard(worker);
    if (heard === what) return {};
    if (typeof heard === 'object' && heard.type === `thrift-metrics.3:${what}`) return heard;
  }
}

/** Lets the worker send messages, and waits until they have arrived. */
async function say(worker: Worker, ...messages: object[]): Promise<void> {
  worker.send({ say: messages });
  await hears(worker, 'said');
}

async function joined(): Promise<[Worker, Peer]> {
  await workers.discover();
  const worker = await start('other');
  await say(worker, HELLO);
  const peer = [...peers].find((each) => each.process?.worker === worker.id);
  if (peer === undefined) throw new Error('The worker is not a peer.');
  return [worker, peer];
}

/** Resolves after what waits for the next turns of the event loop has run. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Starts to look for workers, and returns a function that says whether it waits for them. */
function discover(): () => Promise<boolean> {
  let isWaiting = true;
  void workers.discover().then(() => (isWaiting = false));
  return async () => {
    await turns(3);
    return isWaiting;
  };
}

test('workers that have started before are called, and waited for until each has announced itself or ended', async () => {
  const [having, leaving] = [await start('package'), await start('leaving')];
  const ended = once(leaving, 'disconnect');
  await workers.discover();
  await ended;
  expect([...peers].map(({ process }) => process)).toEqual([
    { pid: having.process.pid, worker: having.id, thread: 0 },
  ]);
  expect(announced).toEqual([9000]);
});

test('a worker that does not announce itself is waited for half a second, once, and called each time', async () => {
  const silent = await start('other');
  const isWaiting = discover();
  await hears(silent, 'call');
  vi.advanceTimersByTime(499);
  expect(await isWaiting()).toBe(true);
  vi.advanceTimersByTime(1);
  expect(await isWaiting()).toBe(false);
  expect(await discover()()).toBe(false);
  await hears(silent, 'call');
  expect(peers.size).toBe(0);
});

test('a worker that starts later is not waited for, because it announces itself', async () => {
  await workers.discover();
  const worker = await start('package');
  expect(await discover()()).toBe(false);
  await hears(worker, 'call');
  expect([peers.size, announced]).toEqual([1, [9000]]);
});

test('a worker that has announced itself is not called again', async () => {
  const [worker] = await joined();
  await workers.discover();
  // Messages arrive in their order.
  worker.send('after the call');
  expect(await nextHeard(worker)).toBe('after the call');
});

test('a worker reports on request, and its other messages are its own', async () => {
  const [worker, peer] = await joined();
  expect(announced).toEqual([undefined]);
  const request = hears(worker, 'request');
  const report = peer.ask(5);
  expect(await request).toEqual({ type: 'thrift-metrics.3:request', id: 5, index: 0 });
  await say(worker, { type: 'own', id: 5 }, chunk(5, 0, 'families', 'all'), chunk(5, 1, 'end'));
  await report;
  expect(peer.last?.families).toEqual(['all']);
});

test('a worker that announces itself again is the same, with its new endpoint', async () => {
  const [worker, peer] = await joined();
  await say(worker, { ...HELLO, endpoint: 'claimed' });
  expect(announced).toEqual([undefined, 'claimed']);
  expect([...peers]).toEqual([peer]);
});

test('a worker that has not announced itself counts once its final report arrives', async () => {
  await workers.discover();
  const worker = await start('other');
  await say(worker, chunk(0, 0, 'families', 'final'), chunk(0, 1, 'end'));
  expect([...peers].map(({ last }) => last?.families)).toEqual([['final']]);
});

test('a worker gets the sum on request, chunk by chunk', async () => {
  await workers.discover();
  const worker = await start('other');
  for (const [index, kind, body] of [
    [0, 'families', 'of all'],
    [1, 'end', ''],
  ] as const) {
    const arrived = hears(worker, 'chunk');
    worker.send({ say: [{ type: 'thrift-metrics.3:request', id: 9, index }] });
    // oxlint-disable-next-line no-await-in-loop -- one chunk after another
    expect(await arrived).toMatchObject({ id: 9, index, kind, body });
  }
  expect([reporters, peers.size]).toEqual([1, 0]);
});

test('a worker that leaves is gone after its last message, and another one takes its place', async () => {
  const [worker, peer] = await joined();
  const left = once(worker, 'disconnect');
  worker.send({ say: [chunk(0, 0, 'families', 'final'), chunk(0, 1, 'end')], leaves: true });
  await left;
  await turns(1);
  expect([peer.isGone, peer.last?.families]).toEqual([true, ['final']]);
  const [, other] = await joined();
  expect(other).not.toBe(peer);
});
