import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { beforeEach, expect, onTestFinished, test } from 'vitest';

import type { Peer } from '../../../src/scrape/workers/peer';
import { Reporter } from '../../../src/scrape/workers/reporter';
import { ThreadPeers } from '../../../src/scrape/workers/thread-peers';
import { eventually } from '../../support/eventually';

/** A thread that sends what the test wants, passes on what it hears, and announces itself when it is called. */
const PROGRAM = `
  const { BroadcastChannel, parentPort, threadId, workerData } = require('node:worker_threads');
  const channels = {
    lobby: new BroadcastChannel('thrift-metrics.workers.3'),
    own: new BroadcastChannel('thrift-metrics.workers.3.' + threadId),
    main: new BroadcastChannel('thrift-metrics.workers.3.0'),
  };
  for (const [at, channel] of Object.entries(channels)) {
    channel.onmessage = ({ data }) => {
      parentPort.postMessage({ at, heard: data });
      if (workerData === 'package' && data.type === 'thrift-metrics.3:call') {
        channels.lobby.postMessage({ type: 'thrift-metrics.3:hello', threadId, endpoint: 9000 });
      }
    };
  }
  parentPort.on('message', ({ to, say }) => channels[to].postMessage(say));
  parentPort.postMessage('ready');
`;

interface Heard {
  readonly at: string;
  readonly heard: { readonly type: string } & Record<string, unknown>;
}

class Thread {
  readonly id: number;
  private readonly heard: Heard[] = [];

  private constructor(private readonly worker: Worker) {
    this.id = worker.threadId;
    worker.on('message', (message: Heard) => this.heard.push(message));
  }

  static async start(kind: 'package' | 'other'): Promise<Thread> {
    const worker = new Worker(PROGRAM, { eval: true, workerData: kind });
    onTestFinished(async () => void (await worker.terminate()));
    await once(worker, 'message');
    return new Thread(worker);
  }

  say(to: 'lobby' | 'own' | 'main', say: object): void {
    this.worker.postMessage({ to, say });
  }

  hello(endpoint?: number | 'claimed'): void {
    this.say('lobby', { type: 'thrift-metrics.3:hello', threadId: this.id, endpoint });
  }

  chunk(to: 'lobby' | 'own', id: number, index: number, kind: string, body = ''): void {
    this.say(to, { type: 'thrift-metrics.3:chunk', threadId: this.id, id, index, kind, body });
  }

  /** Resolves to the first message of this type. */
  async hears(type: string): Promise<Heard> {
    for (;;) {
      const found = this.heard.find(({ heard }) => heard.type === `thrift-metrics.3:${type}`);
      if (found !== undefined) return found;
      // oxlint-disable-next-line no-await-in-loop -- one message after another
      await once(this.worker, 'message');
    }
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

// What Node.js tells goes to the latest receiver in this process, so there is one for all tests.
const peers = new Set<Peer>();
let announced: unknown[] = [];
let announce: () => void = () => {};
const reporter = new Reporter(
  { report: () => {} },
  async function* () {
    yield { kind: 'families', body: 'of the main thread' };
  },
  async () => null,
);
const threads = new ThreadPeers(peers, {
  createReporter: () => reporter,
  announced: (endpoint) => {
    announced.push(endpoint);
    announce();
  },
});

beforeEach(() => {
  peers.clear();
  announced = [];
});

/** Resolves when the next thread has announced itself. */
function announcement(): Promise<void> {
  return new Promise((resolve) => {
    announce = resolve;
  });
}

async function join(endpoint?: number | 'claimed'): Promise<[Thread, Peer]> {
  const thread = await Thread.start('other');
  const arrived = announcement();
  thread.hello(endpoint);
  await arrived;
  const peer = [...peers].find((each) => each.process?.thread === thread.id);
  if (peer === undefined) throw new Error('The thread is not a peer.');
  return [thread, peer];
}

/** Resolves after what waits for the next turns of the event loop has run. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

// This test comes first: once the main thread listens to its threads, it searches no longer.
test('threads that have started before are found by a first search, a later one does not wait, and their final reports count once', async () => {
  const silent = await Thread.start('other');
  await threads.discover();
  expect([peers.size, announced]).toEqual([0, []]);
  expect((await silent.hears('call')).at).toBe('lobby');

  const thread = await Thread.start('package');
  const arrived = announcement();
  const found = threads.discover().then(() => 'found');
  expect(await Promise.race([found, turns(5).then(() => 'waiting')])).toBe('found');
  await arrived;
  expect([...peers].map(({ process }) => process)).toEqual([
    { pid: process.pid, worker: null, thread: thread.id },
  ]);
  // A second channel beside that of the search would hear the final report again.
  thread.chunk('lobby', 0, 0, 'families', 'all');
  thread.chunk('lobby', 0, 1, 'end');
  await eventually(() => expect([...peers].some(({ isGone }) => isGone)).toBe(true));
  await thread.end();
  await turns(4);
  expect([...peers].map(({ last }) => last?.families)).toEqual([['all']]);
  // The main thread has called again, and the thread answers each call.
  expect(new Set(announced)).toEqual(new Set([9000]));
});

test('a thread that announces itself reports on a channel of its own', async () => {
  threads.watch();
  const [thread, peer] = await join();
  expect(announced).toEqual([undefined]);
  const report = peer.ask(5);
  expect(await thread.hears('request')).toEqual({
    at: 'own',
    heard: { type: 'thrift-metrics.3:request', id: 5, index: 0 },
  });
  thread.say('own', { type: 'own', id: 5, index: 0, kind: 'families', body: 'of a program' });
  thread.chunk('own', 5, 0, 'families', 'of the thread');
  thread.chunk('own', 5, 1, 'end');
  await report;
  expect(peer.last?.families).toEqual(['of the thread']);
});

test('a thread that announces itself again is the same, with its new endpoint', async () => {
  const [thread, peer] = await join(8000);
  const arrived = announcement();
  thread.hello('claimed');
  await arrived;
  expect(announced).toEqual([8000, 'claimed']);
  expect([...peers]).toEqual([peer]);
});

test('a thread is gone after its final report, which counts', async () => {
  const [thread, peer] = await join();
  thread.chunk('lobby', 0, 0, 'families', 'all');
  const arrived = announcement();
  thread.hello();
  await arrived;
  expect(peer.isGone).toBe(false);
  thread.chunk('lobby', 0, 1, 'end');
  const again = announcement();
  thread.hello();
  await again;
  expect(peer.isGone).toBe(true);
  expect(peer.last?.families).toEqual(['all']);
});

test('a chunk in the lobby that is not of a final report is ignored', async () => {
  const [thread, peer] = await join();
  const report = peer.ask(5);
  await thread.hears('request');
  thread.chunk('lobby', 5, 0, 'families', 'in the lobby');
  thread.chunk('lobby', 5, 1, 'end');
  const arrived = announcement();
  thread.hello();
  await arrived;
  expect([peer.last, peer.isGone]).toEqual([null, false]);
  thread.chunk('own', 5, 0, 'end');
  await report;
});

test('a thread that ends without a final report is gone', async () => {
  const [thread, peer] = await join();
  await thread.end();
  await turns(4);
  expect(peer.isGone).toBe(true);
});

test('a thread that another thread has started is gone when that thread says so, or ends itself', async () => {
  const [parent, peerOfParent] = await join();
  const [first, peerOfFirst] = await join();
  const [second, peerOfSecond] = await join();
  const child = { type: 'thrift-metrics.3:child', parent: parent.id };
  parent.say('lobby', { ...child, threadId: first.id, isRunning: true });
  parent.say('lobby', { ...child, threadId: second.id, isRunning: true });
  parent.say('lobby', { ...child, threadId: first.id, isRunning: false });
  const arrived = announcement();
  parent.hello();
  await arrived;
  expect([peerOfParent, peerOfFirst, peerOfSecond].map(({ isGone }) => isGone)).toEqual([
    false,
    true,
    false,
  ]);
  await parent.end();
  await turns(4);
  expect(peerOfSecond.isGone).toBe(true);
});

test('the main thread does not take itself, or another main thread, for one of its threads', async () => {
  const [thread] = await join();
  const count = peers.size;
  thread.say('lobby', { type: 'thrift-metrics.3:hello', threadId: 0, endpoint: 1 });
  const arrived = announcement();
  thread.hello(2);
  await arrived;
  expect(peers.size).toBe(count);
  expect(announced).toEqual([undefined, 2]);
});

test('the main thread answers a call in the lobby, and a request for its sum on its channel', async () => {
  const [thread] = await join();
  thread.say('lobby', { type: 'thrift-metrics.3:call' });
  expect(await thread.hears('hello')).toEqual({
    at: 'lobby',
    heard: { type: 'thrift-metrics.3:hello', threadId: 0 },
  });
  thread.say('main', { type: 'thrift-metrics.3:request', id: 9, index: 0 });
  expect(await thread.hears('chunk')).toMatchObject({
    at: 'main',
    heard: { id: 9, index: 0, kind: 'families', body: 'of the main thread' },
  });
});
