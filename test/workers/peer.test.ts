import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Piece, Request } from '../../src/scrape/workers/messages';
import { Peer } from '../../src/scrape/workers/peer';

const LAST_WORD = 0;

let peer: Peer;
let asked: Request[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  asked = [];
  peer = new Peer((request) => asked.push(request));
});
afterEach(() => vi.useRealTimers());

function hear(id: number, index: number, kind: Piece['kind'], body = ''): void {
  peer.receive({ type: 'thrift-metrics.2:piece', threadId: 1, id, index, kind, body });
}

/** Asks, and tells whether the peer is still waited for. */
function ask(id: number): () => Promise<boolean> {
  let isPending = true;
  void peer.ask(id).then(() => (isPending = false));
  return async () => {
    await Promise.resolve();
    return isPending;
  };
}

describe('a peer', () => {
  it('is asked for each piece when the one before was taken in, and not after the last', async () => {
    const isPending = ask(1);
    hear(1, 0, 'families', 'a');
    hear(1, 1, 'families', 'b');
    hear(1, 2, 'foreign', 'c');
    expect(await isPending()).toBe(true);
    expect(peer.last).toBeNull();
    hear(1, 3, 'end');
    expect(await isPending()).toBe(false);
    expect(peer.last).toEqual({ families: ['a', 'b'], foreign: ['c'] });
    expect(asked.map(({ id, index }) => [id, index])).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  it('stands with its last whole answer while another is not complete', () => {
    ask(1);
    hear(1, 0, 'families', 'whole');
    hear(1, 1, 'end');
    ask(2);
    hear(2, 0, 'families', 'part');
    expect(peer.last?.families).toEqual(['whole']);
    peer.end();
    expect(peer.last?.families).toEqual(['whole']);
  });

  it('mixes no two answers: what was begun before another, or lacks a piece, is not heard', () => {
    ask(1);
    hear(1, 0, 'families', 'old');
    ask(2);
    hear(2, 0, 'families', 'new');
    hear(1, 1, 'families', 'old');
    hear(1, 2, 'end');
    hear(2, 2, 'families', 'after a gap');
    hear(2, 3, 'end');
    expect(peer.last).toBeNull();
    hear(2, 1, 'end');
    expect(peer.last?.families).toEqual(['new']);
  });

  it('is waited for as long as it goes on, and a second for what comes next', async () => {
    const isPending = ask(1);
    for (let index = 0; index < 4; index++) {
      vi.advanceTimersByTime(999);
      expect(await isPending()).toBe(true);
      hear(1, index, 'families', `${index}`);
    }
    vi.advanceTimersByTime(999);
    expect(await isPending()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(await isPending()).toBe(false);
  });

  it('that was given up is heard when it answers after all', async () => {
    const isPending = ask(1);
    hear(1, 0, 'families', 'a');
    vi.advanceTimersByTime(1000);
    expect(await isPending()).toBe(false);
    hear(1, 1, 'families', 'b');
    hear(1, 2, 'end');
    expect(peer.last?.families).toEqual(['a', 'b']);
  });

  it('is not waited for after three answers that did not come, until it answers', async () => {
    for (let id = 1; id <= 3; id++) {
      const isPending = ask(id);
      expect(await isPending()).toBe(true);
      vi.advanceTimersByTime(1000);
    }
    expect(await ask(4)()).toBe(false);
    hear(4, 0, 'end');
    expect(await ask(5)()).toBe(true);
  });

  it('that says a last word is not asked for more, and stands with it once it is whole', () => {
    ask(1);
    hear(1, 0, 'families', 'before');
    hear(1, 1, 'foreign', 'foreign');
    hear(1, 2, 'end');
    const before = asked.length;
    hear(LAST_WORD, 0, 'families', 'after');
    expect(peer.last?.families).toEqual(['before']);
    hear(LAST_WORD, 1, 'end');
    expect(peer.last).toEqual({ families: ['after'], foreign: ['foreign'] });
    expect(asked.length).toBe(before);
  });

  it('that is gone is not waited for, and nothing is heard of it any more', async () => {
    const isPending = ask(1);
    hear(1, 0, 'families', 'a');
    peer.end();
    expect(await isPending()).toBe(false);
    hear(1, 1, 'end');
    expect(peer.last).toBeNull();
  });
});
