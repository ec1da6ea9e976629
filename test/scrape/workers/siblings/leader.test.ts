import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { configureMetrics } from '../../../../src/index';
import { currentRuntime } from '../../../../src/runtime/runtime';
import { PeerSet } from '../../../../src/scrape/workers/peer-set';
import { Leader } from '../../../../src/scrape/workers/siblings/leader';
import { ReportStore } from '../../../../src/scrape/workers/siblings/report-store';
import { StoredReports } from '../../../../src/scrape/workers/siblings/stored-reports';
import { aliveInstance, counterOf, deadInstance, Member, valuesIn } from './member';

vi.mock('../../../../src/metrics/clock', () => import('../../../support/fakeable-clock.js'));

const onError = vi.fn<(error: unknown, site: string) => void>();
let folder: string;
let store: ReportStore;
let server: Server;
let leader: Leader;
let announced: unknown[];
let keepsLeading: boolean;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tm-'));
  onError.mockReset();
  configureMetrics({ registry: new Registry(), onError });
  store = new ReportStore(folder);
  store.announce();
  server = createServer();
  server.listen(join(folder, 's1'));
  await once(server, 'listening');
  announced = [];
  keepsLeading = true;
  leader = createLeader();
  server.on('connection', (socket) => leader.accept(socket));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  leader.close();
  rmSync(folder, { recursive: true, force: true });
});

function createLeader(): Leader {
  const runtime = currentRuntime();
  const own = new PeerSet(runtime);
  const reports = new StoredReports(runtime, own, store);
  const host = { announced: (endpoint: unknown) => void announced.push(endpoint) };
  return new Leader(runtime, own, reports, store, server, host, () => keepsLeading);
}

async function connect(value: number): Promise<Member> {
  const socket = createConnection(join(folder, 's1'));
  await once(socket, 'connect');
  return new Member(socket, value);
}

/** Lets a worker join, which has stored an empty report before. */
async function joinAs(value: number, instance = aliveInstance()): Promise<Member> {
  storeReport(instance);
  const member = await connect(value);
  member.join(instance);
  // The leader reads its messages in order.
  const before = announced.length;
  member.send({ type: 'thrift-metrics.3:hello', threadId: 0 });
  await vi.waitFor(() => expect(announced.length).toBeGreaterThan(before));
  return member;
}

function storeReport(instance: string, value?: number): void {
  const families = value === undefined ? [] : [counterOf(value)];
  writeFileSync(join(folder, `${instance}.json`), JSON.stringify({ families, userMetrics: [] }));
}

const collected = async (): Promise<number[]> =>
  valuesIn(await leader.collect()).toSorted((a, b) => a - b);

/** Lets time pass until a promise settles. Returns its value, and how many milliseconds that took. */
async function passUntil<T>(pending: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const time = setInterval(() => vi.advanceTimersByTime(5));
  try {
    return [await pending, performance.now() - start];
  } finally {
    clearInterval(time);
  }
}

const useFakeTime = () =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });

it('the sum has the reports of this worker and of those that are connected', async () => {
  await joinAs(1);
  await joinAs(2);
  expect(await collected()).toEqual([1, 2]);
  const reports = await leader.collect();
  // The workers that are gone, this one, and the two others.
  expect(reports).toHaveLength(4);
  expect(onError).not.toHaveBeenCalled();
});

it('a worker that has started is waited for a second, once, and counts with its latest stored report', async () => {
  const late = aliveInstance();
  storeReport(late, 7);
  useFakeTime();
  const [first, waited] = await passUntil(collected());
  expect(first).toEqual([7]);
  expect(waited).toBeGreaterThanOrEqual(1000);
  // No time passes.
  expect(await collected()).toEqual([7]);
});

it('a worker that connects within a second is asked', async () => {
  const late = aliveInstance();
  storeReport(late, 7);
  const collecting = collected();
  await joinAs(8, late);
  expect(await collecting).toEqual([8]);
});

it('a worker that has lost its connection is waited for again', async () => {
  const instance = aliveInstance();
  const member = await joinAs(1, instance);
  member.close();
  await vi.waitFor(() => expect(leader['members'].size).toBe(0));
  const collecting = collected();
  await joinAs(2, instance);
  expect(await collecting).toEqual([2]);
});

it('a worker that connects again while its old connection ends stays a member', async () => {
  const instance = aliveInstance();
  const before = await joinAs(1, instance);
  await joinAs(2, instance);
  before.close();
  await vi.waitFor(() => expect(leader['connections'].size).toBe(1));
  expect(await collected()).toEqual([2]);
});

it('a worker that does not answer counts with its latest stored report', async () => {
  const instance = aliveInstance();
  const member = await joinAs(1, instance);
  await collected();
  member.isSilent = true;
  storeReport(instance, 5);
  useFakeTime();
  const [values, waited] = await passUntil(collected());
  expect(values).toEqual([5]);
  expect(waited).toBeGreaterThanOrEqual(1000);
});

it('the values of workers that are gone are kept as one sum, also by the next leader', async () => {
  const [first, second] = [deadInstance(), deadInstance()];
  storeReport(first, 1);
  storeReport(second, 2);
  await joinAs(10);
  expect(await collected()).toEqual([3, 10]);
  expect([first, second].map((each) => existsSync(join(folder, `${each}.json`)))).toEqual([
    false,
    false,
  ]);
  const third = deadInstance();
  storeReport(third, 4);
  expect(await collected()).toEqual([7, 10]);
  expect(valuesIn([createLeader()['retired']])).toEqual([7]);
  expect(valuesIn([store.readRetired()])).toEqual([7]);
});

it('a worker that ends after it has answered counts with its answer', async () => {
  await joinAs(3, deadInstance());
  expect(await collected()).toEqual([3]);
});

it('collections at the same time share a round, which begins after the one that is running', async () => {
  const member = await joinAs(1);
  const results = await Promise.all([leader.collect(), leader.collect(), leader.collect()]);
  expect(results[2]).toBe(results[1]);
  expect(results[1]).not.toBe(results[0]);
  expect(member.requests.filter(({ index }) => index === 0)).toHaveLength(2);
  await leader.collect();
  expect(member.requests.filter(({ index }) => index === 0)).toHaveLength(3);
});

it('a collection that fails does not fail the next', async () => {
  await joinAs(1);
  const read = vi.spyOn(store, 'instances').mockImplementationOnce(() => {
    throw new Error('unreadable');
  });
  const [failing, next] = [leader.collect(), leader.collect()];
  await expect(failing).rejects.toThrow('unreadable');
  expect(valuesIn(await next)).toEqual([1]);
  read.mockRestore();
  expect(await collected()).toEqual([1]);
});

it('the calls are those of this worker and of all that are connected', async () => {
  await joinAs(1);
  await joinAs(2);
  const calls = await leader.askCalls('bare calls');
  expect(calls.map(({ process: named }) => [named?.pid, named?.worker])).toEqual([
    [process.pid, null],
    [1, 1],
    [2, 1],
  ]);
});

it('a worker whose calls do not arrive is named by its process', async () => {
  const instance = aliveInstance();
  const member = await joinAs(1, instance);
  member.isSilent = true;
  useFakeTime();
  const [calls] = await passUntil(leader.askCalls('calls'));
  expect(calls[1]).toEqual({
    process: { pid: process.pid, worker: null, thread: 0 },
    read: null,
  });
});

it('a worker gets the sum and the calls on request', async () => {
  await joinAs(1);
  const member = await joinAs(2);
  const ask = (index: number, subject?: 'calls') =>
    member.send({ type: 'thrift-metrics.3:request', id: 9, index, subject });
  const bodies: unknown[] = [];
  for (let index = 0; bodies.at(-1) !== ''; index++) {
    ask(index);
    // oxlint-disable-next-line no-await-in-loop -- one chunk after another
    await vi.waitFor(() => expect(member.chunks).toHaveLength(index + 1));
    bodies.push(member.chunks.at(-1)?.body);
  }
  expect(bodies).toContain(counterOf(1));
  expect(bodies).toContain(counterOf(2));
  ask(0, 'calls');
  await vi.waitFor(() => expect(member.chunks.at(-1)?.kind).toBe('calls'));
  const pids = (JSON.parse(member.chunks.at(-1)?.body ?? '') as { process: { pid: number } }[]).map(
    (each) => each.process.pid,
  );
  expect(pids).toEqual([process.pid, 1, 2]);
});

it('a leader that no longer leads answers no requests', async () => {
  const member = await joinAs(1);
  keepsLeading = false;
  member.send({ type: 'thrift-metrics.3:request', id: 9, index: 0 });
  member.send({ type: 'thrift-metrics.3:hello', threadId: 0, endpoint: 'claimed' });
  await vi.waitFor(() => expect(announced).toContain('claimed'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(member.chunks).toEqual([]);
});

it('chunks of a connection that has not said which worker it is are ignored', async () => {
  const member = await connect(1);
  member.send({
    type: 'thrift-metrics.3:chunk',
    threadId: 0,
    id: 0,
    index: 0,
    kind: 'families',
    body: counterOf(1),
  });
  member.send({ type: 'thrift-metrics.3:hello', threadId: 0, endpoint: 8000 });
  await vi.waitFor(() => expect(announced).toEqual([8000]));
  member.close();
  expect(await collected()).toEqual([]);
});

it('reports of workers that have ended are summed after every fifty, also without a scrape', async () => {
  const gone = deadInstance();
  storeReport(gone, 1);
  for (let i = 1; i <= 50; i++) {
    expect(existsSync(join(folder, `${gone}.json`))).toBe(true);
    // oxlint-disable-next-line no-await-in-loop -- one worker after another
    const member = await connect(i);
    // oxlint-disable-next-line no-await-in-loop -- the leader has to know the connection
    await vi.waitFor(() => expect(leader['connections'].size).toBe(1));
    member.close();
    // oxlint-disable-next-line no-await-in-loop -- one worker after another
    await vi.waitFor(() => expect(leader['connections'].size).toBe(0));
  }
  await vi.waitFor(() => expect(existsSync(join(folder, `${gone}.json`))).toBe(false));
  expect(onError).not.toHaveBeenCalled();
});

it('a sum after fifty workers that fails is reported', async () => {
  vi.spyOn(store, 'instances').mockImplementation(() => {
    throw new Error('unreadable');
  });
  const members = await Promise.all(Array.from({ length: 50 }, (_, i) => connect(i)));
  for (const member of members) member.close();
  await vi.waitFor(() => expect(onError).toHaveBeenCalled());
  expect(onError.mock.calls).toEqual([[new Error('unreadable'), 'worker']]);
});

it('a leader that is closed ends its connections, and can only be closed once', async () => {
  const member = await joinAs(1);
  expect(leader.close()).toBe(true);
  await vi.waitFor(() => expect(member.isClosed).toBe(true));
  expect(server.listening).toBe(false);
  expect(leader.close()).toBe(false);
});
