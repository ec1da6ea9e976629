import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SumLink } from '../../../src/scrape/workers/superior';
import type { Chunk, Request } from '../../../src/scrape/workers/worker-messages';
import { settled } from '../../support/settled';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

/** Milliseconds in which the process that has the sum sends each chunk. */
const DEADLINE = 7000;

let asked: Request[];
let link: SumLink;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  asked = [];
  link = new SumLink((request) => asked.push(request), 'the other process', 40);
});
afterEach(() => vi.useRealTimers());

function receive(id: number, index: number, kind: Chunk['kind'], body = ''): void {
  link.receive({ type: 'thrift-metrics.3:chunk', threadId: 0, id, index, kind, body });
}

/** Answers a request with one chunk of families. */
function answer(id: number, body: string): void {
  receive(id, 0, 'families', body);
  receive(id, 1, 'end');
}

describe('SumLink', () => {
  it('the latest sum is empty before the first answer, and then that of the last answer', async () => {
    expect(link.latest()).toEqual({ families: [], userMetrics: [] });
    const sum = link.ask();
    answer(41, 'sum');
    expect(await sum).toEqual({ families: ['sum'], userMetrics: [] });
    expect(link.latest()).toEqual({ families: ['sum'], userMetrics: [] });
  });

  it('a scrape that comes during a request is answered by the next one', async () => {
    const [first, second] = [link.ask(), link.ask()];
    answer(41, 'first');
    expect((await first).families).toEqual(['first']);
    await settled();
    answer(42, 'second');
    expect((await second).families).toEqual(['second']);
    expect(asked.filter(({ index }) => index === 0).map(({ id }) => id)).toEqual([41, 42]);
  });

  it('a request without an answer fails with the name of the process, also if one before had an answer', async () => {
    const first = link.ask();
    answer(41, 'first');
    await first;
    const sum = link.ask();
    const failed = expect(sum).rejects.toMatchObject({
      code: 'TM_ERR_NO_SUM',
      message: expect.stringContaining('the other process does not answer') as string,
    });
    await settled();
    vi.advanceTimersByTime(DEADLINE);
    await failed;
    // The next request is a new one.
    const next = link.ask();
    answer(43, 'third');
    expect((await next).families).toEqual(['third']);
  });

  it('a request waits seven seconds for an answer', async () => {
    const sum = link.ask();
    vi.advanceTimersByTime(DEADLINE - 1);
    await settled();
    answer(41, 'in time');
    expect((await sum).families).toEqual(['in time']);
  });

  it('a report that answers an earlier request, or one of another thread, is ignored', async () => {
    const sum = link.ask();
    answer(40, 'of another');
    expect(link.latest().families).toEqual([]);
    answer(41, 'own');
    await sum;
    const next = link.ask();
    answer(41, 'again');
    expect(link.latest().families).toEqual(['own']);
    answer(42, 'next');
    await next;
  });

  it('a request fails at once when the process that has the sum has ended', async () => {
    const sum = link.ask();
    link.end();
    await expect(sum).rejects.toMatchObject({ code: 'TM_ERR_NO_SUM' });
  });

  it('requests for calls are separate from those for sums, each with another id', async () => {
    const calls = [{ process: { pid: 7, worker: null, thread: 0 }, read: null }];
    const first = link.askCalls('calls');
    const second = link.askCalls('bare calls');
    expect(asked.map(({ id, subject }) => [id, subject])).toEqual([
      [41, 'calls'],
      [42, 'bare calls'],
    ]);
    receive(42, 0, 'calls', 'null');
    receive(41, 0, 'calls', JSON.stringify(calls));
    expect(await first).toEqual(calls);
    expect(await second).toBeNull();
  });

  it('calls that do not arrive are null', async () => {
    const calls = link.askCalls('calls');
    await settled();
    vi.advanceTimersByTime(1500);
    expect(await calls).toBeNull();
  });
});
