import { EventEmitter } from 'node:events';
import { BroadcastChannel } from 'node:worker_threads';

import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics } from '../../../src/api/configure';
import { Counted } from '../../../src/api/decorators';
import { currentRuntime } from '../../../src/runtime/runtime';
import { SUM_DEADLINE } from '../../../src/scrape/deadlines';
import { PeerSet } from '../../../src/scrape/workers/peer-set';
import { IDS_PER_THREAD, type WorkerMessage } from '../../../src/scrape/workers/worker-messages';
import { MainThread } from '../../../src/scrape/workers/worker-thread';
import { eventually } from '../../support/eventually';

const { opened } = vi.hoisted(() => ({ opened: [] as { close(): void }[] }));

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));
// The test plays the main thread, and what it tests is a thread with the number 7.
vi.mock('node:worker_threads', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:worker_threads')>();
  class Channel extends original.BroadcastChannel {
    constructor(name: string) {
      super(name);
      opened.push(this);
    }
  }
  return { ...original, threadId: 7, isMainThread: false, BroadcastChannel: Channel };
});
vi.mock('../../../src/scrape/workers/listen-once', () => ({
  listenOnce: <T>(_target: object, receiver: T, listen: (latest: () => T) => void) =>
    listen(() => receiver),
}));

class Orders {
  @Counted({ name: 'orders_total' }) static place(): void {}
}
void Orders;

const LOBBY = 'thrift-metrics.workers.3';
const HELLO = { type: 'thrift-metrics.3:hello', threadId: 7 };
const HELLO_OF_MAIN = { type: 'thrift-metrics.3:hello', threadId: 0 };
/** Milliseconds for which a thread looks for the main thread. */
const SEARCH = 50;
const CALL = { type: 'thrift-metrics.3:call' };

/** A channel of the main thread, and what it has heard there. */
class Channel {
  readonly heard: WorkerMessage[] = [];
  private readonly channel: BroadcastChannel;

  constructor(name: string) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (event: unknown) => {
      this.heard.push((event as { data: WorkerMessage }).data);
    };
  }

  say(message: object): void {
    this.channel.postMessage(message);
  }

  /** Resolves to the first message of this type. */
  hears(type: string): Promise<WorkerMessage & { readonly id: number; readonly kind: string }> {
    return eventually(() => {
      const found = this.heard.find((message) => message.type === `thrift-metrics.3:${type}`);
      expect(found).toBeDefined();
      return found as never;
    });
  }
}

const onError = vi.fn<(error: unknown, site: string) => void>();
let listeners: Map<string | symbol, (argument?: unknown) => void>;
let lobby: Channel;
let ownChannel: Channel;
let mainChannel: Channel;
let own: PeerSet;
let thread: MainThread;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onError.mockReset();
  listeners = new Map();
  const registry = new Registry();
  configureMetrics({ registry, onError });
  new Gauge({ name: 'own', help: 'x', registers: [registry] });
  lobby = new Channel(LOBBY);
  ownChannel = new Channel(`${LOBBY}.7`);
  mainChannel = new Channel(`${LOBBY}.0`);
  own = new PeerSet(currentRuntime());
  thread = new MainThread(currentRuntime(), own);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const channel of opened.splice(0)) channel.close();
});

function report(): void {
  const on = vi.spyOn(process, 'on').mockImplementation((event, listener) => {
    listeners.set(event, listener as (argument?: unknown) => void);
    return process;
  });
  thread.report();
  on.mockRestore();
}

/** Resolves after messages that were sent before have arrived. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets the thread look for the main thread, which has this package. */
async function connect(): Promise<void> {
  const searching = thread.discover();
  await lobby.hears('call');
  lobby.say(HELLO_OF_MAIN);
  await eventually(() => expect(thread.hasSum()).toBe(true));
  vi.advanceTimersByTime(SEARCH);
  await searching;
}

const chunk = (id: number, index: number, kind: string, body = '') => ({
  type: 'thrift-metrics.3:chunk',
  threadId: 0,
  id,
  index,
  kind,
  body,
});

describe('the announcement of a thread', () => {
  it('a thread announces itself when it starts to report, and again when it is called', async () => {
    report();
    await lobby.hears('hello');
    expect(lobby.heard).toEqual([HELLO]);
    lobby.say({ type: 'other' });
    lobby.say(CALL);
    await eventually(() => expect(lobby.heard).toEqual([HELLO, HELLO]));
  });

  it('a thread announces the port on which it wants its metrics served, and that its program serves them', async () => {
    report();
    thread.whileServing(9000, () => {});
    await thread.claimServing();
    await eventually(() =>
      expect(lobby.heard.filter(({ type }) => type === HELLO.type)).toEqual([
        HELLO,
        { ...HELLO, endpoint: 9000 },
        { ...HELLO, endpoint: 'claimed' },
      ]),
    );
    lobby.say(CALL);
    await eventually(() => expect(lobby.heard.at(-1)).toEqual({ ...HELLO, endpoint: 'claimed' }));
  });
});

describe('the threads of a thread', () => {
  it('a thread tells the main thread of each thread that it starts, and of its end', async () => {
    report();
    const worker = Object.assign(new EventEmitter(), { threadId: 8 });
    listeners.get('worker')?.(worker);
    worker.threadId = -1;
    worker.emit('exit');
    await eventually(() => expect(lobby.heard).toHaveLength(3));
    const child = { type: 'thrift-metrics.3:child', threadId: 8, parent: 7 };
    expect(lobby.heard.slice(1)).toEqual([
      { ...child, isRunning: true },
      { ...child, isRunning: false },
    ]);
  });
});

describe('the reports of a thread', () => {
  it('a thread reports its families and the metrics of its program on request', async () => {
    report();
    const names: string[] = [];
    for (let index = 0; ; index++) {
      ownChannel.say({ type: 'thrift-metrics.3:request', id: 3, index });
      // oxlint-disable-next-line no-await-in-loop -- one chunk after another
      await eventually(() => expect(ownChannel.heard).toHaveLength(index + 1));
      const { kind, body, threadId } = ownChannel.heard[index] as unknown as {
        kind: string;
        body: string;
        threadId: number;
      };
      expect(threadId).toBe(7);
      if (kind === 'end') break;
      const metrics = JSON.parse(body) as { name: string }[];
      names.push(...metrics.map(({ name }) => `${kind} ${name}`));
    }
    expect(names).toEqual(expect.arrayContaining(['families orders_total', 'userMetrics own']));
  });

  it('the calls of a thread are sent on request', async () => {
    report();
    ownChannel.say({ type: 'thrift-metrics.3:request', id: 3, index: 0, subject: 'calls' });
    const answer = await ownChannel.hears('chunk');
    expect(answer).toMatchObject({ id: 3, kind: 'calls' });
  });

  it('a thread sends its families when it ends', async () => {
    report();
    await lobby.hears('hello');
    listeners.get('exit')?.();
    await eventually(() => expect(lobby.heard).toHaveLength(3));
    expect(lobby.heard.slice(1)).toMatchObject([
      { id: 0, index: 0, kind: 'families', threadId: 7 },
      { id: 0, index: 1, kind: 'end', threadId: 7 },
    ]);
  });

  it('a final report that cannot be written is reported', () => {
    report();
    vi.spyOn(own, 'latest').mockImplementation(() => {
      throw new Error('broken');
    });
    listeners.get('exit')?.();
    expect(onError.mock.calls).toEqual([[new Error('broken'), 'worker']]);
  });
});

describe('the main thread', () => {
  it('a thread has no sum while the main thread does not have the package', async () => {
    const searching = thread.discover();
    await lobby.hears('call');
    lobby.say({ ...HELLO_OF_MAIN, threadId: 3 });
    lobby.say({ type: 'other', threadId: 0 });
    await settled();
    vi.advanceTimersByTime(SEARCH);
    await searching;
    expect(thread.hasSum()).toBe(false);
    expect(await thread.collect()).toEqual([]);
    expect(thread.latest()).toEqual([]);
    expect(await thread.calls('calls')).toBeNull();
  });

  it('the main thread is looked for once at the same time, until it is found', async () => {
    const calls = () => lobby.heard.filter(({ type }) => type === CALL.type).length;
    const first = Promise.all([thread.discover(), thread.discover()]);
    await settled();
    expect(calls()).toBe(1);
    vi.advanceTimersByTime(SEARCH);
    await first;
    const searching = thread.discover();
    await settled();
    expect(calls()).toBe(2);
    lobby.say(HELLO_OF_MAIN);
    lobby.say(HELLO_OF_MAIN);
    await eventually(() => expect(thread.hasSum()).toBe(true));
    vi.advanceTimersByTime(SEARCH);
    await searching;
    await thread.discover();
    await settled();
    expect(calls()).toBe(2);
  });

  it('the sum over all threads is requested from it', async () => {
    await connect();
    expect(thread.latest()).toEqual([{ families: [], userMetrics: [] }]);
    const collecting = thread.collect();
    const { id } = await mainChannel.hears('request');
    // Other threads request sums on the same channel.
    expect(id).toBe(7 * IDS_PER_THREAD + 1);
    mainChannel.say({ type: 'other', id });
    mainChannel.say(chunk(id, 0, 'families', 'of all'));
    mainChannel.say(chunk(id, 1, 'end'));
    expect(await collecting).toEqual([{ families: ['of all'], userMetrics: [] }]);
    expect(thread.latest()).toEqual([{ families: ['of all'], userMetrics: [] }]);
  });

  it('a main thread that does not answer is named', async () => {
    await connect();
    const failed = expect(thread.collect()).rejects.toMatchObject({
      code: 'TM_ERR_NO_SUM',
      message: expect.stringContaining('the main thread does not answer') as string,
    });
    await vi.advanceTimersByTimeAsync(SUM_DEADLINE);
    await failed;
  });

  it('the calls of all threads are requested from it', async () => {
    await connect();
    const reading = thread.calls('calls');
    const { id } = await mainChannel.hears('request');
    const calls = [{ process: { pid: 1, worker: null, thread: 0 }, read: null }];
    mainChannel.say(chunk(id, 0, 'calls', JSON.stringify(calls)));
    expect(await reading).toEqual(calls);
  });

  it('a thread serves the metrics itself only without it', async () => {
    const open = vi.fn<(isSuccessor: boolean) => void>();
    thread.whileServing(9000, open);
    vi.advanceTimersByTime(SEARCH);
    await eventually(() => expect(open.mock.calls).toEqual([[false]]));
    open.mockClear();
    await connect();
    thread.whileServing(9000, open);
    await settled();
    expect(open).not.toHaveBeenCalled();
  });
});
