import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { MetricsRegistry } from '../../../../src/runtime/metrics-registry';
import { Runtime } from '../../../../src/runtime/runtime';
import type { WorkerValues } from '../../../../src/scrape/workers/peer';
import { PeerSet } from '../../../../src/scrape/workers/peer-set';
import { MeetingPlace } from '../../../../src/scrape/workers/siblings/meeting-place';
import { Siblings } from '../../../../src/scrape/workers/siblings/siblings';
import { eventually } from '../../../support/eventually';

vi.mock('../../../../src/metrics/clock', () => import('../../../support/fakeable-clock.js'));

/** Workers of one cluster, which all run in this process. */
let workers: Worker[];
let folder: string;
const listeners = new Map<string | symbol, unknown[]>();
const EVENTS = ['exit', 'SIGINT'];
beforeEach(() => {
  workers = [];
  folder = mkdtempSync(join(tmpdir(), 'tm-'));
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('pm2_env', undefined);
  for (const event of EVENTS) listeners.set(event, process.rawListeners(event));
});
afterEach(async () => {
  vi.useRealTimers();
  // Workers that lose their leader would look for another one.
  for (const { siblings } of workers) siblings['findRole'] = () => new Promise(() => {});
  await Promise.all(workers.map((worker) => worker.end()));
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const event of EVENTS) {
    for (const listener of process.rawListeners(event)) {
      if (!listeners.get(event)?.includes(listener)) process.off(event, listener as () => void);
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A worker whose registry has a counter with its name. */
class Worker {
  readonly announced: unknown[] = [];
  readonly reported = vi.fn<(error: unknown, site: string) => void>();
  readonly siblings: Siblings;

  constructor(readonly name: string) {
    const runtime = new Runtime();
    const registry = new Registry();
    runtime.settings.registry = registry as unknown as MetricsRegistry;
    runtime.settings.onError = this.reported;
    new Counter({ name: `${name}_total`, help: 'x', registers: [registry] }).inc();
    this.siblings = new Siblings(runtime, new PeerSet(runtime), {
      announced: (endpoint) => void this.announced.push(endpoint),
    });
    workers.push(this);
  }

  /** The names of the workers that a scrape finds. */
  async found(): Promise<string[]> {
    return namesIn(await this.siblings.collect());
  }

  async leads(): Promise<boolean> {
    return (await this.siblings['role'])?.leader !== null;
  }

  /** Ends the worker as its process would, except for its files. */
  async end(): Promise<void> {
    const pending = this.siblings['role'];
    // A worker that still looks for its role has nothing to end.
    const nothing = new Promise<null>((resolve) => setTimeout(resolve, 100, null));
    const role = await Promise.race([pending, nothing]).catch(() => null);
    if (role?.leader === null) role.connection.close();
    else role?.leader.close();
  }
}

function namesIn(reports: readonly WorkerValues[]): string[] {
  return reports
    .flatMap(({ userMetrics }) => userMetrics)
    .flatMap((body) => JSON.parse(body) as { name: string }[])
    .map(({ name }) => name.replace('_total', ''))
    .toSorted();
}

/** Starts workers one after the other, so that the first leads. */
async function start(...names: string[]): Promise<Worker[]> {
  const started = names.map((name) => new Worker(name));
  for (const { siblings } of started) {
    siblings.join();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await siblings['role'];
  }
  return started;
}

const socketsIn = (): string[] =>
  readdirSync(MeetingPlace.open().folder).filter((name) => /^s\d+$/.test(name));

describe('workers of a cluster', () => {
  it('each finds all of them, and the first leads', async () => {
    const [first, second, third] = (await start('a', 'b', 'c')) as [Worker, Worker, Worker];
    expect(await Promise.all(workers.map((worker) => worker.leads()))).toEqual([
      true,
      false,
      false,
    ]);
    for (const worker of [first, second, third]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await worker.found()).toEqual(['a', 'b', 'c']);
      expect(namesIn(worker.siblings.latest())).toEqual(['a', 'b', 'c']);
      expect(worker.reported).not.toHaveBeenCalled();
    }
    expect(socketsIn()).toEqual(['s1']);
  });

  it('workers that start at the same time have one leader', async () => {
    for (const name of ['a', 'b', 'c', 'd']) new Worker(name).siblings.join();
    const leading = await Promise.all(workers.map((worker) => worker.leads()));
    expect(leading.filter(Boolean)).toHaveLength(1);
    expect(await workers[0]?.found()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('a worker that never joined joins when it is scraped', async () => {
    const worker = new Worker('a');
    expect(worker.siblings.hasSum()).toBe(true);
    expect(worker.siblings.latest()).toEqual([]);
    await worker.siblings.discover();
    expect(await worker.found()).toEqual(['a']);
  });

  it('a worker joins once', async () => {
    const [worker] = (await start('a')) as [Worker];
    const role = worker.siblings['role'];
    worker.siblings.join();
    await worker.siblings.discover();
    expect(worker.siblings['role']).toBe(role);
  });

  it('another worker takes the lead when the leader ends', async () => {
    const [first, second, third] = (await start('a', 'b', 'c')) as [Worker, Worker, Worker];
    first.siblings['seekRole'] = () => {};
    await first.end();
    // The first one's process still runs here, so its latest report counts.
    expect(await second.found()).toEqual(expect.arrayContaining(['b', 'c']));
    expect(await third.found()).toEqual(expect.arrayContaining(['b', 'c']));
    expect((await Promise.all([second.leads(), third.leads()])).filter(Boolean)).toHaveLength(1);
    expect(socketsIn()).toHaveLength(1);
  });

  it('a scrape that the leader does not answer because it ends is answered by its successor', async () => {
    const [first, second] = (await start('a', 'b')) as [Worker, Worker];
    const leader = (await first.siblings['role'])?.leader;
    first.siblings['seekRole'] = () => {};
    vi.spyOn(leader as NonNullable<typeof leader>, 'collect').mockImplementation(async () => {
      leader?.close();
      return new Promise(() => {});
    });
    expect(await second.found()).toContain('b');
    expect(await second.leads()).toBe(true);
  });

  it('workers find each other again after something has removed the socket', async () => {
    const [first, second] = (await start('a', 'b')) as [Worker, Worker];
    rmSync(MeetingPlace.open().socket(1));
    expect(await first.found()).toEqual(['a', 'b']);
    expect(await second.found()).toEqual(['a', 'b']);
    expect((await Promise.all([first.leads(), second.leads()])).filter(Boolean)).toHaveLength(1);
  });

  it('a leader whose socket another worker has replaced follows that worker', async () => {
    const [first] = (await start('a')) as [Worker];
    const place = MeetingPlace.open();
    place.removeSocket(1);
    const [second] = (await start('b')) as [Worker];
    expect(await second.leads()).toBe(true);
    expect(await first.found()).toEqual(['a', 'b']);
    expect(await second.found()).toEqual(['a', 'b']);
    expect([await first.leads(), await second.leads()]).toEqual([false, true]);
  });

  it('a worker opens the next socket if nobody listens at the one that is left', async () => {
    const place = MeetingPlace.open();
    writeFileSync(place.socket(4), '');
    const [worker] = (await start('a')) as [Worker];
    expect(await worker.found()).toEqual(['a']);
    expect(socketsIn()).toEqual(['s5']);
  });
});

describe('workers that cannot meet', () => {
  const blockFolder = (): void => {
    writeFileSync(join(folder, 'file'), '');
    vi.stubEnv('TMPDIR', join(folder, 'file'));
  };

  it('a worker that cannot meet the others reports it once, and fails its scrapes', async () => {
    blockFolder();
    const worker = new Worker('a');
    worker.siblings.join();
    await expect(worker.siblings.collect()).rejects.toMatchObject({ code: 'TM_ERR_NO_SUM' });
    await expect(worker.siblings.collect()).rejects.toMatchObject({ code: 'TM_ERR_NO_SUM' });
    expect(await worker.siblings.calls('calls')).toBeNull();
    await worker.siblings.claimServing();
    expect(worker.reported.mock.calls).toEqual([
      [expect.objectContaining({ code: 'TM_ERR_NO_SUM' }), 'workers'],
    ]);
  });

  it('a scrape tries again to meet the others', async () => {
    blockFolder();
    const worker = new Worker('a');
    worker.siblings.join();
    await expect(worker.siblings.collect()).rejects.toMatchObject({ code: 'TM_ERR_NO_SUM' });
    vi.stubEnv('TMPDIR', folder);
    await worker.siblings.discover();
    expect(await worker.found()).toEqual(['a']);
  });

  it('a worker that finds no leader within three seconds fails its scrape', async () => {
    const worker = new Worker('a');
    worker.siblings['findRole'] = () => new Promise(() => {});
    worker.siblings.join();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failed = expect(worker.siblings.collect()).rejects.toMatchObject({
      code: 'TM_ERR_NO_SUM',
      message: expect.stringContaining('cannot be found') as string,
    });
    await vi.advanceTimersByTimeAsync(3000);
    await failed;
    const calls = worker.siblings.calls('calls');
    await vi.advanceTimersByTimeAsync(1500);
    expect(await calls).toBeNull();
  });

  it('an error of the leader says that there is no sum', async () => {
    const [worker] = (await start('a')) as [Worker];
    rmSync(MeetingPlace.open().folder, { recursive: true });
    mkdirSync(MeetingPlace.open().folder, { recursive: true });
    const leader = (await worker.siblings['role'])?.leader;
    const failure = new Error('unreadable');
    const siblings = worker.siblings as unknown as { keepsLeading(): boolean };
    vi.spyOn(siblings, 'keepsLeading').mockReturnValue(true);
    vi.spyOn(leader as NonNullable<typeof leader>, 'collect').mockRejectedValue(failure);
    await expect(worker.siblings.collect()).rejects.toMatchObject({
      code: 'TM_ERR_NO_SUM',
      cause: failure,
    });
  });
});

describe('the calls of all workers', () => {
  it('each worker has the calls of all', async () => {
    await start('a', 'b', 'c');
    for (const { siblings } of workers) {
      // The leader does not wait for workers that have only just started.
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await eventually(async () => expect(await siblings.calls('bare calls')).toHaveLength(3));
    }
  });

  it('calls that the leader does not answer because it ends are answered by its successor', async () => {
    const [first, second] = (await start('a', 'b')) as [Worker, Worker];
    const leader = (await first.siblings['role'])?.leader;
    first.siblings['seekRole'] = () => {};
    vi.spyOn(leader as NonNullable<typeof leader>, 'askCalls').mockImplementation(async () => {
      leader?.close();
      return new Promise(() => {});
    });
    expect(await second.siblings.calls('calls')).toHaveLength(1);
  });

  it('a leader without its socket asks the one that it finds', async () => {
    const [first] = (await start('a', 'b')) as [Worker, Worker];
    rmSync(MeetingPlace.open().socket(1));
    const calls = await first.siblings.calls('calls');
    expect(calls).not.toBeNull();
  });
});

describe('the worker that serves the metrics', () => {
  const serve = (worker: Worker) => {
    const serving = { open: vi.fn<(isSuccessor: boolean) => void>(), close: vi.fn<() => void>() };
    worker.siblings.whileServing(9000, serving.open, serving.close);
    return serving;
  };
  /** Lets the second pass for which the leader waits. */
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

  it('the leader serves after a second, and the others do not', async () => {
    const [first, second] = (await start('a', 'b')) as [Worker, Worker];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const [ofFirst, ofSecond] = [serve(first), serve(second)];
    await pass(999);
    expect(ofFirst.open).not.toHaveBeenCalled();
    await pass(1);
    expect(ofFirst.open.mock.calls).toEqual([[false]]);
    await pass(5000);
    expect([ofSecond.open, ofFirst.close].map(({ mock }) => mock.calls)).toEqual([[], []]);
  });

  it('a worker that has not joined joins to serve', async () => {
    const worker = new Worker('a');
    const { open } = serve(worker);
    await vi.waitFor(() => expect(open.mock.calls).toEqual([[false]]), 5000);
    expect(await worker.leads()).toBe(true);
  });

  it('the successor of the leader serves at once', async () => {
    const [first, second] = (await start('a', 'b')) as [Worker, Worker];
    const { open } = serve(second);
    // The worker has to know that it does not lead.
    await new Promise((resolve) => setImmediate(resolve));
    first.siblings['seekRole'] = () => {};
    await first.end();
    await vi.waitFor(() => expect(open.mock.calls).toEqual([[true]]));
  });

  it('a leader that loses the lead serves no longer', async () => {
    const [first] = (await start('a')) as [Worker];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { open, close } = serve(first);
    await pass(1000);
    vi.useRealTimers();
    expect(open).toHaveBeenCalledOnce();
    MeetingPlace.open().removeSocket(1);
    await start('b');
    await first.found();
    expect(close).toHaveBeenCalledOnce();
    expect(open).toHaveBeenCalledOnce();
  });

  it('a worker that cannot meet the others serves', async () => {
    writeFileSync(join(folder, 'file'), '');
    vi.stubEnv('TMPDIR', join(folder, 'file'));
    const worker = new Worker('a');
    const { open } = serve(worker);
    await vi.waitFor(() => expect(open.mock.calls).toEqual([[false]]), 5000);
  });

  it('a worker whose program serves the metrics itself lets the leader know', async () => {
    const [first, second] = (await start('a', 'b')) as [Worker, Worker];
    await second.siblings.claimServing();
    expect(first.announced).toEqual(['claimed']);
    await first.siblings.claimServing();
    expect([first, second].map(({ announced }) => announced)).toEqual([['claimed'], []]);
  });

  it('a worker that has not joined has nobody to let know', async () => {
    await expect(new Worker('a').siblings.claimServing()).resolves.toBeUndefined();
  });
});

describe('the end of a worker', () => {
  /** Runs what a worker has added to an event of the process. */
  function emit(event: string): void {
    for (const listener of process.rawListeners(event)) {
      if (!listeners.get(event)?.includes(listener)) (listener as () => void)();
    }
  }
  const finalReports = (): string[] =>
    readdirSync(MeetingPlace.open().folder).filter((name) => name.endsWith('.final.json'));

  it('a worker stores its final report when its process exits', async () => {
    await start('a');
    expect(finalReports()).toEqual([]);
    emit('exit');
    expect(finalReports()).toHaveLength(1);
  });

  it('only a worker of PM2 stores it at the signal by which PM2 stops it, which then ends it', async () => {
    await start('a');
    emit('SIGINT');
    expect(finalReports()).toEqual([]);
    vi.stubEnv('pm2_env', JSON.stringify({ name: 'app', pm_exec_path: '/app.js' }));
    await start('b');
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const count = process.listenerCount('SIGINT');
    emit('SIGINT');
    expect(process.listenerCount('SIGINT')).toBe(count - 1);
    expect(kill.mock.calls.filter(([, signal]) => signal === 'SIGINT')).toEqual([
      [process.pid, 'SIGINT'],
    ]);
    kill.mockRestore();
    expect(finalReports()).toHaveLength(1);
  });

  it('a worker of PM2 that handles the signal itself is not ended', async () => {
    vi.stubEnv('pm2_env', JSON.stringify({ name: 'app', pm_exec_path: '/app.js' }));
    await start('a');
    const own = vi.fn<() => void>();
    process.on('SIGINT', own);
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    emit('SIGINT');
    expect(kill).not.toHaveBeenCalledWith(process.pid, 'SIGINT');
    process.off('SIGINT', own);
  });
});
