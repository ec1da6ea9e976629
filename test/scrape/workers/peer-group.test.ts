import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics } from '../../../src/index';
import type { Runtime } from '../../../src/runtime/runtime';
import { peerGroupOf } from '../../../src/scrape/workers/peer-group';
import type { Superior } from '../../../src/scrape/workers/superior';
import { type Chunk, PRIMARY_VARIABLE } from '../../../src/scrape/workers/worker-messages';
import { createRuntime, SimulatedWorker } from './simulated-worker';

type Group = ReturnType<typeof peerGroupOf>;

const onError = vi.fn<(error: unknown, site: string) => void>();
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Another process that has the sum, if it has one. */
function superiorOf(hasSum: boolean) {
  return {
    discover: vi.fn<Superior['discover']>(async () => {}),
    hasSum: () => hasSum,
    collect: async () => [{ families: ['of all'], userMetrics: ['own of all'] }],
    latest: () => [{ families: ['latest of all'], userMetrics: [] }],
    calls: vi.fn<Superior['calls']>(async () => []),
    whileServing: vi.fn<Superior['whileServing']>(),
    claimServing: vi.fn<Superior['claimServing']>(async () => {}),
  };
}

/** The parts of the report that the group sends to those that request the sum. */
async function reportOf(group: Group): Promise<Pick<Chunk, 'kind' | 'body'>[]> {
  const reporter = group.createReporter();
  const chunks: Chunk[] = [];
  for (let index = 0; chunks.at(-1)?.kind !== 'end'; index++) {
    // oxlint-disable-next-line no-await-in-loop -- one chunk after another
    await reporter.receive({ type: 'thrift-metrics.3:request', id: 1, index }, (each) => {
      chunks.push(each);
    });
  }
  return chunks.map(({ kind, body }) => ({ kind, body }));
}

describe('the group of a process', () => {
  let runtime: Runtime;
  let group: Group;
  beforeEach(async () => {
    runtime = await createRuntime();
    group = peerGroupOf(runtime);
    onError.mockReset();
    const registry = new Registry();
    configureMetrics({ registry, onError });
    new Gauge({ name: 'own', help: 'x', registers: [registry] });
  });

  describe('that has the sum', () => {
    it('a group has the workers that have announced themselves and not ended', async () => {
      expect([group.size, group.hasPeers(), group.live().size]).toEqual([0, false, 0]);
      const worker = new SimulatedWorker({});
      new SimulatedWorker({});
      expect([group.size, group.hasPeers(), group.live().size]).toEqual([2, true, 2]);
      const before = group.live();
      worker.end();
      expect([group.size, group.live().size]).toEqual([2, 1]);
      expect([...before]).toEqual(expect.arrayContaining([...group.live()]));
    });

    it('a group collects the reports of its workers, and keeps the latest', async () => {
      new SimulatedWorker({ userMetrics: [{ name: 'theirs' }] });
      const reports = await group.collect();
      expect(reports.map(({ userMetrics }) => userMetrics)).toEqual([[], ['[{"name":"theirs"}]']]);
      expect(group.latest()).toEqual(reports);
      expect(group.hasSuperior()).toBe(false);
    });

    it('a group sends the sum of its own metrics and those of its workers', async () => {
      new SimulatedWorker({ userMetrics: [{ name: 'theirs' }] });
      const names = (await reportOf(group))
        .filter(({ kind }) => kind === 'userMetrics')
        .flatMap(({ body }) => JSON.parse(body) as { name: string }[])
        .map(({ name }) => name);
      expect(names).toEqual(['own', 'theirs']);
    });

    it('a group without another process has the calls of this one', async () => {
      const calls = await group.collectCalls('calls');
      expect(calls?.map((each) => each.process?.pid)).toEqual([process.pid]);
    });

    it('a group without another process serves the metrics itself', async () => {
      const open = vi.fn<(isSuccessor: boolean) => void>();
      group.whileServing(9000, open, () => {});
      expect(open.mock.calls).toEqual([[false]]);
      await expect(group.claimServing()).resolves.toBeUndefined();
    });

    it('a group looks for workers and threads', async () => {
      const searches = [group.cluster, group.threads].map((each) => vi.spyOn(each, 'discover'));
      await group.discover();
      for (const search of searches) expect(search).toHaveBeenCalledOnce();
    });
  });

  describe('of which another process has the sum', () => {
    it('a group has the reports of the process that has the sum, which include its own', async () => {
      group.superior = superiorOf(true);
      expect([group.hasSuperior(), group.hasPeers()]).toEqual([true, true]);
      expect(await group.collect()).toEqual([
        { families: ['of all'], userMetrics: ['own of all'] },
      ]);
      expect(group.latest()).toEqual([{ families: ['latest of all'], userMetrics: [] }]);
      expect(await reportOf(group)).toEqual([
        { kind: 'families', body: 'of all' },
        { kind: 'userMetrics', body: 'own of all' },
        { kind: 'end', body: '' },
      ]);
    });

    it('a group looks only for the process that has the sum', async () => {
      const superior = superiorOf(true);
      group.superior = superior;
      const searches = [group.cluster, group.threads].map((each) => vi.spyOn(each, 'discover'));
      await group.discover();
      expect(superior.discover).toHaveBeenCalledOnce();
      for (const search of searches) expect(search).not.toHaveBeenCalled();
    });

    it('a group has the sum itself until another process is found that has it, and meanwhile looks for its own workers too', async () => {
      const superior = superiorOf(false);
      group.superior = superior;
      const searches = [group.cluster, group.threads].map((each) => vi.spyOn(each, 'discover'));
      await group.discover();
      expect(superior.discover).toHaveBeenCalledOnce();
      for (const search of searches) expect(search).toHaveBeenCalledOnce();
      expect([group.hasSuperior(), group.hasPeers()]).toEqual([false, false]);
      expect(await group.collect()).toEqual([{ families: [], userMetrics: [] }]);
    });

    it('a group has the calls of the process that has the sum, or none if that fails', async () => {
      const superior = superiorOf(true);
      group.superior = superior;
      const calls = [{ process: null, read: null }];
      superior.calls.mockResolvedValueOnce(calls);
      expect(await group.collectCalls('bare calls')).toBe(calls);
      expect(superior.calls).toHaveBeenCalledWith('bare calls');
      superior.calls.mockRejectedValueOnce(new Error('broken'));
      expect(await group.collectCalls('calls')).toBeNull();
      expect(onError.mock.calls).toEqual([[new Error('broken'), 'worker']]);
    });

    it('a group leaves it to the process that has the sum where the metrics are served', async () => {
      const superior = superiorOf(true);
      group.superior = superior;
      const [open, close] = [() => {}, () => {}];
      group.whileServing(9000, open, close);
      await group.claimServing();
      expect(superior.whileServing.mock.calls).toEqual([[9000, open, close]]);
      expect(superior.claimServing).toHaveBeenCalledOnce();
    });

    it('a group does not meet siblings if its primary has the sum', () => {
      group.superior = superiorOf(true);
      expect(() => group.meet()).not.toThrow();
    });
  });

  it('a group serves the metrics where a worker wants them, and no longer once a program serves them itself', () => {
    const endpoint = { serve: vi.fn<(port: number) => void>(), claim: vi.fn<() => void>() };
    group.announced(9000);
    group.announced('claimed');
    group.endpoint = endpoint;
    group.announced(undefined);
    expect([endpoint.serve, endpoint.claim].map(({ mock }) => mock.calls)).toEqual([[], []]);
    group.announced(9000);
    expect(endpoint.serve.mock.calls).toEqual([[9000]]);
    group.announced('claimed');
    expect(endpoint.claim).toHaveBeenCalledOnce();
    expect(endpoint.serve).toHaveBeenCalledOnce();
  });
});

describe('the role of a process or thread', () => {
  const report = vi.fn<() => void>();
  let found: () => void;

  /** Loads the package as a thread or a worker of a cluster would, without a main thread or primary. */
  async function join({ isMainThread = true, isClusterWorker = false }) {
    vi.resetModules();
    vi.doMock('node:worker_threads', async (importOriginal) => ({
      ...(await importOriginal<object>()),
      isMainThread,
    }));
    vi.doMock('../../../src/scrape/workers/worker-thread', () => ({
      MainThread: class {
        report = report;
        discover = async () => {};
        hasSum = () => false;
      },
    }));
    vi.doMock('../../../src/scrape/workers/cluster-worker', () => ({
      isClusterWorker: () => isClusterWorker,
      Primary: class {
        report = report;
        constructor(_runtime: unknown, _own: unknown, onFound: () => void) {
          found = onFound;
        }
      },
    }));
    const on = vi.spyOn(process, 'on').mockReturnValue(process);
    const { Runtime: FreshRuntime } = await import('../../../src/runtime/runtime.js');
    const { thriftUseOf } = await import('../../../src/runtime/thrift-use.js');
    const { peerGroupOf: groupOf } = await import('../../../src/scrape/workers/peer-group.js');
    const { Siblings } = await import('../../../src/scrape/workers/siblings/siblings.js');
    const meet = vi.spyOn(Siblings.prototype, 'join').mockReturnValue();
    const runtime = new FreshRuntime();
    const group = groupOf(runtime);
    const watches = on.mock.calls.some(([event]) => event === 'worker');
    on.mockRestore();
    return { group, meet, Siblings, watches, thriftUse: thriftUseOf(runtime) };
  }

  beforeEach(() => {
    report.mockClear();
    found = () => {};
    vi.stubEnv(PRIMARY_VARIABLE, 'unset');
    vi.stubEnv('pm2_env', undefined);
  });
  afterEach(() => {
    for (const path of ['worker-thread', 'cluster-worker'])
      vi.doUnmock(`../../../src/scrape/workers/${path}`);
    vi.doUnmock('node:worker_threads');
  });

  const isPrimary = (): boolean => process.env[PRIMARY_VARIABLE] === String(process.pid);

  it('a main thread listens to threads, and to workers as their primary', async () => {
    const { group, watches } = await join({});
    expect([group.superior, watches, isPrimary()]).toEqual([null, true, true]);
    expect(report).not.toHaveBeenCalled();
  });

  it('a thread reports to the main thread, and listens to workers', async () => {
    const { group, watches } = await join({ isMainThread: false });
    expect(group.superior).not.toBeNull();
    expect(report).toHaveBeenCalledOnce();
    expect([watches, isPrimary()]).toEqual([false, true]);
  });

  it.each([
    ['looks for other threads, if the main thread does not have the package', undefined, 1],
    ['of a test runner does not, because its threads run unrelated tests', 'true', 0],
  ])('a thread %s', async (_what, variable, searches) => {
    const { group } = await join({ isMainThread: false });
    vi.stubEnv('VITEST', variable);
    vi.stubEnv('JEST_WORKER_ID', undefined);
    const search = vi.spyOn(group.threads, 'discover').mockResolvedValue();
    await group.discover();
    expect(search).toHaveBeenCalledTimes(searches);
  });

  it('a thread of Jest does not look for other threads', async () => {
    const { group } = await join({ isMainThread: false });
    vi.stubEnv('VITEST', undefined);
    vi.stubEnv('JEST_WORKER_ID', '1');
    const search = vi.spyOn(group.threads, 'discover').mockResolvedValue();
    await group.discover();
    expect(search).not.toHaveBeenCalled();
  });

  it('a worker of a cluster meets the others when it uses Thrift, until its primary is found', async () => {
    const { group, meet, Siblings, thriftUse } = await join({ isClusterWorker: true });
    expect(report).toHaveBeenCalledOnce();
    expect(group.superior).toBeInstanceOf(Siblings);
    expect(meet).not.toHaveBeenCalled();
    thriftUse.note();
    expect(meet).toHaveBeenCalledOnce();
    expect(isPrimary()).toBe(false);
    found();
    expect(group.superior).not.toBeInstanceOf(Siblings);
    group.meet();
    expect(meet).toHaveBeenCalledOnce();
  });

  it('a worker of PM2 never reports to its primary, which is the daemon', async () => {
    vi.stubEnv('pm2_env', JSON.stringify({ name: 'app', pm_exec_path: '/app.js' }));
    const { group, Siblings } = await join({ isClusterWorker: true });
    expect(group.superior).toBeInstanceOf(Siblings);
    expect(report).not.toHaveBeenCalled();
  });
});
