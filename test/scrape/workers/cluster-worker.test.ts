import cluster from 'node:cluster';

import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics, Counted } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { SUM_DEADLINE } from '../../../src/scrape/deadlines';
import { isClusterWorker, Primary } from '../../../src/scrape/workers/cluster-worker';
import { Peer } from '../../../src/scrape/workers/peer';
import { PeerSet } from '../../../src/scrape/workers/peer-set';
import {
  type Chunk,
  CLUSTER_CALL,
  INTERNAL_MESSAGE,
  PRIMARY_VARIABLE,
  type WorkerMessage,
} from '../../../src/scrape/workers/worker-messages';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

class Orders {
  @Counted({ name: 'orders_total' }) static place(): void {}
}
void Orders;

const HELLO = { type: 'thrift-metrics.3:hello', threadId: 0 };

/** What the worker has sent to its primary. */
let sent: WorkerMessage[];
let listeners: Map<string | symbol, (message?: unknown) => void>;
let isConnected: boolean;
let own: PeerSet;
let primary: Primary;
const onError = vi.fn<(error: unknown, site: string) => void>();
const onFound = vi.fn<() => void>();
const disconnect = vi.fn<() => void>();

/** What a worker uses of its process. The test runner has its own references. */
const NAMES = ['send', 'connected', 'disconnect'] as const;
const descriptors = NAMES.map((name) => Object.getOwnPropertyDescriptor(process, name));

beforeEach(() => {
  sent = [];
  listeners = new Map();
  isConnected = true;
  for (const mock of [onError, onFound, disconnect]) mock.mockReset();
  Object.defineProperties(process, {
    send: { configurable: true, value: (message: WorkerMessage) => sent.push(message) },
    connected: { configurable: true, get: () => isConnected },
    disconnect: { configurable: true, writable: true, value: disconnect },
  });
  vi.stubEnv(PRIMARY_VARIABLE, undefined);
  const registry = new Registry();
  configureMetrics({ registry, onError });
  new Gauge({ name: 'own', help: 'x', registers: [registry] });
  own = new PeerSet(currentRuntime());
  primary = new Primary(currentRuntime(), own, onFound);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  NAMES.forEach((name, i) => {
    Object.defineProperty(process, name, descriptors[i] as PropertyDescriptor);
  });
});

/** Starts to report, to a primary that has this package or not. */
function report(hasPackage: boolean): void {
  if (hasPackage) process.env[PRIMARY_VARIABLE] = String(process.ppid);
  const on = vi.spyOn(process, 'on').mockImplementation((event, listener) => {
    listeners.set(event, listener as () => void);
    return process;
  });
  primary.report();
  on.mockRestore();
}

/** Runs code while the channel is closed. Not longer, because the test runner uses the real channel. */
function whileDisconnected<T>(run: () => T): T {
  isConnected = false;
  try {
    return run();
  } finally {
    isConnected = true;
  }
}

function hear(message: unknown): void {
  listeners.get('message')?.(message);
}

const chunk = (id: number, index: number, kind: Chunk['kind'], body = ''): Chunk => ({
  type: 'thrift-metrics.3:chunk',
  threadId: 0,
  id,
  index,
  kind,
  body,
});

const chunksIn = (messages: readonly WorkerMessage[]): Chunk[] =>
  messages.filter((message) => message.type === 'thrift-metrics.3:chunk');

/** The names of the metrics of a kind that were sent. */
const namesOf = (kind: Chunk['kind']): string[] =>
  chunksIn(sent)
    .filter((each) => each.kind === kind)
    .flatMap(({ body }) => (JSON.parse(body) as { name: string }[]).map(({ name }) => name));

/** Resolves to the first message of this type. */
const hasSent = (type: string) =>
  vi.waitFor(() => {
    const found = sent.find((message) => message.type === `thrift-metrics.3:${type}`);
    expect(found).toBeDefined();
    return found as WorkerMessage & { readonly id: number };
  });

describe('isClusterWorker', () => {
  it('a process with a channel that is not a worker of a cluster is none', () => {
    expect(isClusterWorker()).toBe(false);
  });

  it('a worker of a cluster is one, but a process without a channel is not', () => {
    const { isWorker } = cluster;
    Object.assign(cluster, { isWorker: true });
    const withChannel = isClusterWorker();
    Object.defineProperty(process, 'send', { configurable: true, value: undefined });
    const without = isClusterWorker();
    Object.assign(cluster, { isWorker });
    expect([withChannel, without]).toEqual([true, false]);
  });
});

describe('the announcement of a worker', () => {
  it('a worker announces itself at once to a primary that has the package', () => {
    report(true);
    expect(sent).toEqual([HELLO]);
    expect(onFound).toHaveBeenCalledOnce();
  });

  it('a worker sends nothing to a primary that may not have the package', () => {
    report(false);
    listeners.get(INTERNAL_MESSAGE)?.({ cmd: 'NODE_OTHER' });
    listeners.get(INTERNAL_MESSAGE)?.(null);
    primary.whileServing(9000);
    expect(sent).toEqual([]);
    expect(onFound).not.toHaveBeenCalled();
  });

  it('a primary with another process id, such as that of a grandparent, is not the one that has the package', () => {
    process.env[PRIMARY_VARIABLE] = String(process.pid);
    report(false);
    expect(sent).toEqual([]);
  });

  it('a worker announces itself when it is called, with the port on which it wants its metrics served', () => {
    report(false);
    primary.whileServing(9000);
    listeners.get(INTERNAL_MESSAGE)?.(CLUSTER_CALL);
    expect(sent).toEqual([{ ...HELLO, endpoint: 9000 }]);
    expect(onFound).toHaveBeenCalledOnce();
  });

  it('a worker announces itself again when its program serves the metrics', async () => {
    report(true);
    primary.whileServing(9000);
    await primary.claimServing();
    expect(sent).toEqual([HELLO, { ...HELLO, endpoint: 9000 }, { ...HELLO, endpoint: 'claimed' }]);
  });

  it('a worker that was called announces its port to a primary that has loaded the package late', () => {
    report(false);
    listeners.get(INTERNAL_MESSAGE)?.(CLUSTER_CALL);
    primary.whileServing(9000);
    expect(sent).toEqual([HELLO, { ...HELLO, endpoint: 9000 }]);
  });
});

describe('the reports of a worker', () => {
  /** What a primary gets that asks this worker. */
  async function ask() {
    report(true);
    const peer = new Peer(hear);
    const asking = peer.ask(5);
    let delivered = 0;
    await vi.waitFor(() => {
      const chunks = chunksIn(sent);
      for (const each of chunks.slice(delivered)) peer.receive(each);
      delivered = chunks.length;
      expect(chunks.at(-1)?.kind).toBe('end');
    });
    await asking;
    return peer.last;
  }

  it('a worker reports its families and the metrics of its program on request', async () => {
    expect(await ask()).not.toBeNull();
    expect(namesOf('families')).toContain('orders_total');
    expect(namesOf('userMetrics')).toEqual(['own']);
  });

  it('a report has those of the threads that report to the worker', async () => {
    const thread = new Peer(({ id, index }) => {
      const last = index === 0 ? chunk(id, 0, 'families', '[]') : chunk(id, index, 'end');
      queueMicrotask(() => thread.receive(last));
    });
    own.peers.add(thread);
    expect((await ask())?.families).toContain('[]');
  });

  it('the calls of a worker are sent on request', async () => {
    report(true);
    hear({ type: 'thrift-metrics.3:request', id: 3, index: 0, subject: 'bare calls' });
    const answer = (await hasSent('chunk')) as unknown as Chunk;
    expect(answer).toMatchObject({ id: 3, kind: 'calls' });
    expect(JSON.parse(answer.body)).toMatchObject([{ process: { pid: process.pid } }]);
  });

  it('messages of the program are not answered', async () => {
    report(true);
    hear({ type: 'request', id: 5, index: 0 });
    hear('a text');
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([HELLO]);
  });
});

describe('the sum over all workers', () => {
  it('the sum over all workers is requested from the primary', async () => {
    report(true);
    await primary.discover();
    expect(primary.hasSum()).toBe(true);
    expect(primary.latest()).toEqual([{ families: [], userMetrics: [] }]);
    const collecting = primary.collect();
    const { id } = await hasSent('request');
    hear(chunk(id, 0, 'families', 'of all'));
    hear(chunk(id, 1, 'end'));
    expect(await collecting).toEqual([{ families: ['of all'], userMetrics: [] }]);
    expect(primary.latest()).toEqual([{ families: ['of all'], userMetrics: [] }]);
  });

  it('there is no sum from a primary that does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    report(true);
    const failed = expect(primary.collect()).rejects.toMatchObject({
      code: 'TM_ERR_NO_SUM',
      message: expect.stringContaining('the primary of the cluster does not answer') as string,
    });
    await vi.advanceTimersByTimeAsync(SUM_DEADLINE);
    await failed;
  });

  it('there is no sum for a worker that is disconnected', async () => {
    report(true);
    const [sum, calls] = whileDisconnected(() => [primary.collect(), primary.calls('calls')]);
    await expect(sum).rejects.toMatchObject({
      code: 'TM_ERR_NO_SUM',
      message: expect.stringContaining('disconnected') as string,
    });
    expect(await calls).toBeNull();
    expect(sent).toEqual([HELLO]);
  });

  it('the calls of all workers are requested from the primary', async () => {
    report(true);
    const reading = primary.calls('calls');
    const { id } = await hasSent('request');
    const calls = [{ process: { pid: 1, worker: 1, thread: 0 }, read: null }];
    hear(chunk(id, 0, 'calls', JSON.stringify(calls)));
    expect(await reading).toEqual(calls);
  });
});

describe('the final report of a worker', () => {
  const exit = (): void => listeners.get('exit')?.();
  const kindsOf = (): string[] => chunksIn(sent).map(({ kind }) => kind);

  it('a worker sends its families when it exits, and no metrics that its program would have to collect', () => {
    report(true);
    exit();
    expect(namesOf('families')).toContain('orders_total');
    expect(kindsOf()).toEqual(['families', 'end']);
    expect(new Set(chunksIn(sent).map(({ id }) => id))).toEqual(new Set([0]));
    expect(onError).not.toHaveBeenCalled();
  });

  it('a worker that nobody has called or asked sends none', () => {
    report(false);
    exit();
    expect(sent).toEqual([]);
  });

  it('a worker that was called or asked sends one', async () => {
    report(false);
    listeners.get(INTERNAL_MESSAGE)?.(CLUSTER_CALL);
    exit();
    expect(kindsOf()).toEqual(['families', 'end']);
    sent.length = 0;
    primary = new Primary(currentRuntime(), own, onFound);
    report(false);
    hear({ type: 'thrift-metrics.3:request', id: 3, index: 0 });
    await hasSent('chunk');
    sent.length = 0;
    exit();
    expect(kindsOf()).toEqual(['families', 'end']);
  });

  it('a worker that is disconnected sends none', () => {
    report(true);
    whileDisconnected(exit);
    expect(sent).toEqual([HELLO]);
  });

  it('a worker sends one before its program closes the channel', () => {
    report(true);
    disconnect.mockImplementation(() => void sent.push(HELLO as WorkerMessage));
    process.disconnect();
    expect(kindsOf()).toEqual(['families', 'end']);
    expect(disconnect).toHaveBeenCalledOnce();
    expect(sent.at(-1)).toBe(HELLO);
  });

  it('a final report that cannot be written is reported', () => {
    report(true);
    vi.spyOn(own, 'latest').mockImplementation(() => {
      throw new Error('broken');
    });
    exit();
    expect(onError.mock.calls).toEqual([[new Error('broken'), 'worker']]);
  });

  it('a long final report is sent in bursts, between which the primary can read', () => {
    report(true);
    const long = { families: Array.from({ length: 4 }, () => 'x'.repeat(40_000)), userMetrics: [] };
    vi.spyOn(own, 'latest').mockReturnValue([long]);
    const waits: number[] = [];
    vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      waits.push(chunksIn(sent).length);
      return 'timed-out';
    });
    exit();
    expect(kindsOf()).toHaveLength(6);
    expect(waits).toEqual([3, 5]);
  });

  it('a worker has no listener for errors that nobody catches, which only Deno needs', () => {
    report(true);
    expect([...listeners.keys()].map(String).toSorted()).toEqual([
      'exit',
      'internalMessage',
      'message',
    ]);
  });
});
