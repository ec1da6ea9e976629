import { expect, it, vi } from 'vitest';

import { Peer } from '../../../src/scrape/workers/peer';
import { callsOf } from '../../../src/scrape/workers/peer-set';
import { Reporter } from '../../../src/scrape/workers/reporter';
import type { Chunk } from '../../../src/scrape/workers/worker-messages';

const WORKER = { pid: 7, worker: 1, thread: 0 };
const NOTHING = { enabled: true, total: 0, inProgress: [], settled: [], omitted: 0 };

/** The calls of a worker that answers a request with this body, and what was reported. */
async function callsIn(body: string) {
  const peer: Peer = new Peer(
    ({ id }) => {
      const answer = { threadId: 0, id, index: 0, kind: 'calls', body } as const;
      queueMicrotask(() => peer.receive({ type: 'thrift-metrics.3:chunk', ...answer }));
    },
    undefined,
    WORKER,
  );
  const report = vi.fn<(site: string, fault: unknown) => void>();
  const calls = await callsOf(peer, 1, 'calls', { report });
  return { calls, reported: report.mock.calls.map(([site]) => site) };
}

it('the calls of a worker are what it answers', async () => {
  const answer = [{ process: WORKER, read: NOTHING }];
  expect(await callsIn(JSON.stringify(answer))).toEqual({ calls: answer, reported: [] });
});

it.each([
  ['is not JSON', '['],
  ['is not a list', '{}'],
  ['has no process', JSON.stringify([{ read: NOTHING }])],
  ['has no calls', JSON.stringify([{ process: WORKER, read: {} }])],
  ['is a list of something else', '[null]'],
  ['is a list of texts', '["calls"]'],
  ['has something else after calls', JSON.stringify([{ process: WORKER, read: NOTHING }, 3])],
  ['has a process without a number', JSON.stringify([{ process: {}, read: NOTHING }])],
  [
    'has half of the calls',
    JSON.stringify([{ process: WORKER, read: { ...NOTHING, settled: null } }]),
  ],
])(
  'an answer that %s is reported, and its worker counts as one without an answer',
  async (_, body) => {
    expect(await callsIn(body)).toEqual({
      calls: [{ process: WORKER, read: null }],
      reported: ['worker'],
    });
  },
);

it('a worker that cannot have the calls that it is asked for counts as one without an answer', async () => {
  const sent: Chunk[] = [];
  const faults = { report: vi.fn<(site: string, fault: unknown) => void>() };
  const reporter = new Reporter(faults, vi.fn<() => never>(), async () => null);
  const request = { type: 'thrift-metrics.3:request', id: 1, index: 0, subject: 'calls' };
  await reporter.receive(request, (chunk) => sent.push(chunk));
  expect(await callsIn(sent[0]?.body ?? '')).toEqual({
    calls: [{ process: WORKER, read: null }],
    reported: [],
  });
});

it('the calls of a process or thread that is unknown, or of one that has not answered, are read', async () => {
  const answer = [
    { process: null, read: NOTHING },
    { process: WORKER, read: null },
  ];
  expect(await callsIn(JSON.stringify(answer))).toEqual({ calls: answer, reported: [] });
});
