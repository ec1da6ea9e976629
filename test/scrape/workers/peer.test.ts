import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Peer } from '../../../src/scrape/workers/peer';
import type { Chunk, Request } from '../../../src/scrape/workers/worker-messages';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

const FINAL_REPORT = 0;

let peer: Peer;
let asked: Request[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  asked = [];
  peer = new Peer((request) => asked.push(request));
});
afterEach(() => vi.useRealTimers());

function receive(id: number, index: number, kind: Chunk['kind'], body = ''): void {
  peer.receive({ type: 'thrift-metrics.3:chunk', threadId: 1, id, index, kind, body });
}

/** Asks the peer, and returns a function that says whether it is still waited for. */
function ask(id: number): () => Promise<boolean> {
  let isPending = true;
  void peer.ask(id).then(() => (isPending = false));
  return async () => {
    await settled();
    return isPending;
  };
}

/** Resolves after every reaction to a promise has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a peer', () => {
  it('a peer is asked for each chunk after it sent the previous one, and for none after the last', async () => {
    const isPending = ask(1);
    receive(1, 0, 'families', 'a');
    receive(1, 1, 'families', 'b');
    receive(1, 2, 'userMetrics', 'c');
    expect(await isPending()).toBe(true);
    expect(peer.last).toBeNull();
    receive(1, 3, 'end');
    expect(await isPending()).toBe(false);
    expect(peer.last).toEqual({ families: ['a', 'b'], userMetrics: ['c'] });
    expect(asked).toEqual(
      [0, 1, 2, 3].map((index) => ({ type: 'thrift-metrics.3:request', id: 1, index })),
    );
  });

  it('a peer counts with its last complete answer while the next is incomplete', () => {
    ask(1);
    receive(1, 0, 'families', 'whole');
    receive(1, 1, 'end');
    ask(2);
    receive(2, 0, 'families', 'part');
    expect(peer.last?.families).toEqual(['whole']);
    peer.end();
    expect(peer.last?.families).toEqual(['whole']);
  });

  it('answers of a peer are never mixed: an outdated answer or one with a missing chunk is ignored', () => {
    ask(1);
    receive(1, 0, 'families', 'old');
    ask(2);
    receive(2, 0, 'families', 'new');
    receive(1, 1, 'families', 'old');
    receive(1, 2, 'end');
    receive(2, 2, 'families', 'after a gap');
    receive(2, 3, 'end');
    expect(peer.last).toBeNull();
    receive(2, 1, 'end');
    expect(peer.last?.families).toEqual(['new']);
  });

  it('a peer has one second for each chunk', async () => {
    const isPending = ask(1);
    for (let index = 0; index < 4; index++) {
      vi.advanceTimersByTime(999);
      expect(await isPending()).toBe(true);
      receive(1, index, 'families', `${index}`);
      // The time for the next chunk starts.
      // oxlint-disable-next-line no-await-in-loop -- one chunk after another
      await settled();
    }
    vi.advanceTimersByTime(999);
    expect(await isPending()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(await isPending()).toBe(false);
  });

  it('a late answer of a peer is used after the wait for it has ended', async () => {
    const isPending = ask(1);
    receive(1, 0, 'families', 'a');
    await settled();
    vi.advanceTimersByTime(1000);
    expect(await isPending()).toBe(false);
    receive(1, 1, 'families', 'b');
    receive(1, 2, 'end');
    expect(peer.last?.families).toEqual(['a', 'b']);
  });

  it('a peer that misses three answers is not waited for until it answers again', async () => {
    for (let id = 1; id <= 3; id++) {
      const isPending = ask(id);
      expect(await isPending()).toBe(true);
      vi.advanceTimersByTime(1000);
    }
    expect(await ask(4)()).toBe(false);
    receive(4, 0, 'end');
    expect(await ask(5)()).toBe(true);
  });

  it('a final report of a peer replaces its answer once it is complete, without further requests', () => {
    ask(1);
    receive(1, 0, 'families', 'before');
    receive(1, 1, 'userMetrics', 'user');
    receive(1, 2, 'end');
    const before = asked.length;
    receive(FINAL_REPORT, 0, 'families', 'after');
    expect(peer.last?.families).toEqual(['before']);
    receive(FINAL_REPORT, 1, 'end');
    expect(peer.last).toEqual({ families: ['after'], userMetrics: ['user'] });
    expect(asked.length).toBe(before);
  });

  it('reports of a peer that another thread has requested are ignored', () => {
    ask(5);
    ask(7);
    for (const id of [4, 8]) {
      receive(id, 0, 'families', 'for another thread');
      receive(id, 1, 'end');
    }
    expect(peer.last).toBeNull();
    receive(7, 0, 'families', 'own');
    receive(7, 1, 'end');
    expect(peer.last?.families).toEqual(['own']);
  });

  it('a report of a peer whose first chunk is lost is ignored', () => {
    ask(1);
    receive(1, 1, 'families', 'second');
    receive(1, 2, 'end');
    expect(peer.last).toBeNull();
  });

  it('a final report of a peer that has never answered has the families that it sends', () => {
    receive(FINAL_REPORT, 0, 'families', 'all');
    receive(FINAL_REPORT, 1, 'end');
    expect(peer.last).toEqual({ families: ['all'], userMetrics: [] });
  });

  it('calls of a peer are awaited until the deadline, and a later answer is ignored', async () => {
    const calls = peer.askCalls(1, 'bare calls', 500);
    expect(asked).toEqual([
      { type: 'thrift-metrics.3:request', id: 1, index: 0, subject: 'bare calls' },
    ]);
    vi.advanceTimersByTime(499);
    await settled();
    receive(2, 0, 'calls', 'of another request');
    vi.advanceTimersByTime(1);
    expect(await calls).toBeNull();
    receive(1, 0, 'calls', 'late');
    const next = peer.askCalls(3, 'calls', 500);
    receive(3, 0, 'calls', 'in time');
    expect(await next).toBe('in time');
  });

  it('calls of a peer that ends are not waited for', async () => {
    const calls = peer.askCalls(1, 'calls', 500);
    peer.end();
    expect(await calls).toBeNull();
  });

  it('a peer that is gone is not waited for, and its messages are ignored', async () => {
    const isPending = ask(1);
    receive(1, 0, 'families', 'a');
    peer.end();
    expect(await isPending()).toBe(false);
    receive(1, 1, 'end');
    expect(peer.last).toBeNull();
  });
});
