import { beforeEach, describe, expect, it } from 'vitest';

import { Reporter } from '../../../src/scrape/workers/reporter';
import type { ProcessCalls } from '../../../src/scrape/workers/worker-calls';
import {
  type CallsSubject,
  type Chunk,
  IDS_PER_THREAD,
} from '../../../src/scrape/workers/worker-messages';
import type { Content } from '../../../src/scrape/workers/worker-report';

/** For how many threads reports are written at the same time at most. */
const MAX_REQUESTERS = 16;

let reported: [string, unknown][];
let sent: Chunk[];
let contents: () => AsyncIterator<Content>;
let calls: (subject: CallsSubject) => Promise<readonly ProcessCalls[] | null>;
let begun: number;
let reporter: Reporter;
beforeEach(() => {
  reported = [];
  sent = [];
  begun = 0;
  contents = twoChunks;
  calls = async () => null;
  const faults = { report: (site: string, error: unknown) => void reported.push([site, error]) };
  const begin = (): AsyncIterator<Content> => {
    begun++;
    return contents();
  };
  reporter = new Reporter(faults, begin, (subject) => calls(subject));
});

async function* twoChunks(): AsyncGenerator<Content> {
  const report = begun;
  yield { kind: 'families', body: `families of ${report}` };
  yield { kind: 'userMetrics', body: `user's metrics of ${report}` };
}

/** Requests a chunk, or the calls. Resolves to what is sent. */
async function request(id: number, index: number, subject?: CallsSubject): Promise<unknown[]> {
  sent = [];
  const message = { type: 'thrift-metrics.3:request', id, index, ...(subject && { subject }) };
  await reporter.receive(message, (chunk) => sent.push(chunk));
  return sent.map(({ kind, body }) => [kind, body]);
}

describe('Reporter', () => {
  it('a reporter sends one chunk for each request, in order, and then the end', async () => {
    expect(await request(1, 0)).toEqual([['families', 'families of 1']]);
    expect(sent[0]).toMatchObject({ type: 'thrift-metrics.3:chunk', id: 1, index: 0 });
    expect(await request(1, 1)).toEqual([['userMetrics', "user's metrics of 1"]]);
    expect(sent[0]).toMatchObject({ id: 1, index: 1 });
    expect(await request(1, 2)).toEqual([['end', '']]);
    expect(sent[0]).toMatchObject({ id: 1, index: 2 });
    expect(await request(1, 3)).toEqual([]);
    expect(reported).toEqual([]);
  });

  it('a reporter sends nothing for a report that was not started', async () => {
    expect(await request(1, 1)).toEqual([]);
    expect([begun, reported]).toEqual([0, []]);
  });

  it('a reporter writes a report for each thread that requests one, with its own contents', async () => {
    const [first, second] = [1, IDS_PER_THREAD + 1];
    await request(first, 0);
    expect(await request(second, 0)).toEqual([['families', 'families of 2']]);
    expect(await request(first, 1)).toEqual([['userMetrics', "user's metrics of 1"]]);
    expect(await request(second, 1)).toEqual([['userMetrics', "user's metrics of 2"]]);
  });

  it('a reporter gives up a report when the same thread requests the next', async () => {
    await request(1, 0);
    await request(2, 0);
    expect(await request(1, 1)).toEqual([]);
    expect(await request(2, 1)).toEqual([['userMetrics', "user's metrics of 2"]]);
  });

  it('a report that ends after the next has begun leaves that one', async () => {
    await request(1, 0);
    await request(1, 1);
    const last = request(1, 2);
    await request(2, 0);
    await last;
    expect(await request(2, 1)).toEqual([['userMetrics', "user's metrics of 2"]]);
  });

  it('a reporter starts a report again when its first chunk is requested again', async () => {
    await request(1, 0);
    expect(await request(1, 0)).toEqual([['families', 'families of 2']]);
    expect(await request(1, 1)).toEqual([['userMetrics', "user's metrics of 2"]]);
  });

  it('a reporter gives up the oldest of more reports than it writes at the same time', async () => {
    const of = (thread: number): number => thread * IDS_PER_THREAD;
    for (let thread = 1; thread <= MAX_REQUESTERS; thread++) await request(of(thread), 0);
    // A report that starts again is the latest.
    await request(of(1), 0);
    expect(await request(of(2), 1)).toHaveLength(1);
    await request(of(MAX_REQUESTERS + 1), 0);
    expect(await request(of(2), 2)).toEqual([]);
    expect(await request(of(1), 1)).toHaveLength(1);
    expect(await request(of(3), 1)).toHaveLength(1);
  });

  it('a reporter keeps nothing of a report that has ended', async () => {
    for (const index of [0, 1, 2]) await request(1, index);
    for (let i = 1; i <= MAX_REQUESTERS; i++) await request(i * IDS_PER_THREAD, 0);
    expect(await request(IDS_PER_THREAD, 1)).toHaveLength(1);
  });

  it('a reporter answers a request for calls with one chunk, and starts no report', async () => {
    const process = { pid: 7, worker: 1, thread: 0 };
    const subjects: CallsSubject[] = [];
    calls = async (subject) => {
      subjects.push(subject);
      return [{ process, read: null }];
    };
    const body = JSON.stringify([{ process, read: null }]);
    expect(await request(4, 0, 'calls')).toEqual([['calls', body]]);
    expect(sent[0]).toMatchObject({ type: 'thrift-metrics.3:chunk', id: 4, index: 0 });
    await request(5, 0, 'bare calls');
    expect(subjects).toEqual(['calls', 'bare calls']);
    expect(begun).toBe(0);
  });

  it.each([
    null,
    'thrift-metrics.3:request',
    { type: 'own', id: 1, index: 0 },
    { type: 'thrift-metrics.3:hello', threadId: 1, id: 1, index: 0 },
    { type: 'thrift-metrics.3:request', id: -1, index: 0 },
  ])('a reporter ignores other messages: %j', async (message) => {
    await reporter.receive(message, (chunk) => sent.push(chunk));
    expect([sent, begun, reported, reporter.wasRequested]).toEqual([[], 0, [], false]);
  });

  it('a reporter knows whether a report or the calls were requested', async () => {
    expect(reporter.wasRequested).toBe(false);
    await request(1, 0, 'calls');
    expect(reporter.wasRequested).toBe(true);
  });

  it('contents that fail are reported, and the next report is still written', async () => {
    const failure = new Error('no contents');
    contents = () => {
      throw failure;
    };
    expect(await request(1, 0)).toEqual([]);
    contents = async function* () {
      yield { kind: 'families', body: 'first' };
      throw failure;
    };
    expect(await request(2, 0)).toHaveLength(1);
    expect(await request(2, 1)).toEqual([]);
    expect(reported).toEqual([
      ['worker', failure],
      ['worker', failure],
    ]);
    contents = twoChunks;
    expect(await request(3, 0)).toHaveLength(1);
  });

  it('calls that cannot be read are reported', async () => {
    const failure = new Error('no calls');
    calls = async () => {
      throw failure;
    };
    expect(await request(1, 0, 'calls')).toEqual([]);
    expect(reported).toEqual([['worker', failure]]);
  });

  it('a channel that fails is reported', async () => {
    const failure = new Error('closed');
    const message = { type: 'thrift-metrics.3:request', id: 1, index: 0 };
    await reporter.receive(message, () => {
      throw failure;
    });
    expect(reported).toEqual([['worker', failure]]);
  });
});
