import { beforeEach, expect, it, vi } from 'vitest';

import { CHUNK_BYTES, OutputBudget } from '../../src/scrape/output-budget';
import type { MetricWriter } from '../../src/scrape/writer';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

let written: number;
let sent: number[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  written = 0;
  sent = [];
  return () => vi.useRealTimers();
});

const writer = {
  get length() {
    return written;
  },
  take: () => {
    const taken = Buffer.alloc(written);
    written = 0;
    return taken;
  },
} satisfies Partial<MetricWriter> as unknown as MetricWriter;

const sink = {
  write: async (chunk: Buffer): Promise<void> => {
    sent.push(chunk.length);
    // It takes a while.
    vi.advanceTimersByTime(1000);
  },
};

/** Yields, and returns whether what waits in the event loop has had its turn. */
async function givesTurn(budget: OutputBudget): Promise<boolean> {
  let hadTurn = false;
  setImmediate(() => (hadTurn = true));
  await budget.yield();
  return hadTurn;
}

it('a budget is spent when the render has held the event loop for too long', () => {
  const budget = new OutputBudget(writer, sink);
  expect(budget.isSpent()).toBe(false);
  vi.advanceTimersByTime(1);
  expect(budget.isSpent()).toBe(true);
});

it('a budget is spent when a chunk is full', () => {
  const budget = new OutputBudget(writer, sink);
  written = CHUNK_BYTES - 1;
  expect(budget.isSpent()).toBe(false);
  written = CHUNK_BYTES;
  expect(budget.isSpent()).toBe(true);
});

it('without a sink there are no chunks', async () => {
  const budget = new OutputBudget(writer, null);
  written = 2 * CHUNK_BYTES;
  expect(budget.isSpent()).toBe(false);
  expect(await givesTurn(budget)).toBe(true);
  expect(written).toBe(2 * CHUNK_BYTES);
});

it('a full chunk goes to the sink, and the budget starts again when the sink has taken it', async () => {
  const budget = new OutputBudget(writer, sink);
  written = CHUNK_BYTES + 7;
  await budget.yield();
  expect([sent, written]).toEqual([[CHUNK_BYTES + 7], 0]);
  expect(budget.isSpent()).toBe(false);
});

it('a chunk that is not full stays, and the event loop gets its turn', async () => {
  const budget = new OutputBudget(writer, sink);
  written = CHUNK_BYTES - 1;
  vi.advanceTimersByTime(1);
  expect(await givesTurn(budget)).toBe(true);
  expect([sent, written]).toEqual([[], CHUNK_BYTES - 1]);
  expect(budget.isSpent()).toBe(false);
});
