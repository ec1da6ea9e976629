import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics, Counted, renderMetrics, Timed } from '../../src/index';
import { currentRuntime } from '../../src/runtime/runtime';
import { SERIES_PER_CLOCK_READING, TIME_BUDGET } from '../../src/runtime/time-budget';
import { CHUNK_BYTES } from '../../src/scrape/output-budget';
import { renderWithin } from '../../src/scrape/render';
import { turnsDuring } from '../support/turns-during';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

const FORMATS = [
  ['text', 'text/plain'],
  ['OpenMetrics', 'application/openmetrics-text'],
] as const;

const key = (call: { readonly args: readonly unknown[] }) =>
  `a value of some length ${String(call.args[0])}`;

class LongHandler {
  @Counted({ name: 'long_total', labels: { key } }) count(_key: number): void {}
  @Timed({ name: 'long_seconds', labels: { key } }) time(_key: number): void {}
}
const handler = new LongHandler();
for (let i = 0; i < 1800; i++) {
  handler.count(i);
  handler.time(i);
}

let registry: Registry;
beforeEach(async () => {
  registry = new Registry();
  configureMetrics({ registry, defaultLabels: {} });
  // The first render looks for threads.
  await renderMetrics({ names: [] });
  // The clock stands still, so the time budget is never spent.
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Creates gauges, and returns their names. */
function createGauges(count: number, seriesOfEach = 1): string[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `gauge_${i}`;
    const gauge = new Gauge({ name, help: 'x', labelNames: ['series'], registers: [registry] });
    for (let series = 0; series < seriesOfEach; series++) gauge.set({ series }, series);
    return name;
  });
}

/** Renders in chunks. Returns them, with the end as the last one. */
async function chunksOf(names?: string[]): Promise<string[]> {
  const chunks: string[] = [];
  const write = async (chunk: Buffer): Promise<void> => void chunks.push(chunk.toString());
  const { body } = await renderWithin(currentRuntime(), undefined, { names }, { write });
  return [...chunks, body.toString()];
}

describe('a sink', () => {
  it.each([
    ['a family', () => ['long_total', 'long_seconds']],
    ["a user's metric", () => createGauges(1, 10_000)],
    ['many small metrics', () => createGauges(4000)],
  ])('a sink gets the text of %s in chunks of 64 kB', async (_what, create) => {
    const names = create();
    const chunks = await chunksOf(names);
    expect(chunks.join('')).toBe((await renderMetrics({ names })).body.toString());
    expect(chunks.length).toBeGreaterThan(2);
    // What is written between two looks at the length: sixteen histograms of 17 lines.
    const most = CHUNK_BYTES + SERIES_PER_CLOCK_READING * 17 * 200;
    for (const { length } of chunks.slice(0, -1)) {
      expect(length).toBeGreaterThanOrEqual(CHUNK_BYTES);
      expect(length).toBeLessThan(most);
    }
  });

  it('a sink gets nothing of a text that is shorter than a chunk', async () => {
    expect(await chunksOf(createGauges(1, 10))).toHaveLength(1);
  });
});

describe('the time budget of a render', () => {
  it('a render that is within its budget does not yield', async () => {
    createGauges(100, 32);
    expect(await turnsDuring(renderMetrics())).toBeLessThan(10);
  });

  it.each([
    ['a long metric', 1, 1600],
    ['many metrics', 100, 1],
  ])('a render of %s yields whenever its budget is spent', async (_what, count, series) => {
    const names = createGauges(count, series);
    // The clock advances at each reading.
    const read = vi.spyOn(performance, 'now');
    let time = 0;
    read.mockImplementation(() => (time += 2 * TIME_BUDGET));
    expect(await turnsDuring(renderMetrics({ names }))).toBeGreaterThan(90);
  });

  it('the clock is read once for sixteen series, because that takes as long as writing one', async () => {
    const names = createGauges(1, 1600);
    const read = vi.spyOn(performance, 'now');
    await renderMetrics({ names });
    expect(read.mock.calls.length).toBeGreaterThan(50);
    expect(read.mock.calls.length).toBeLessThan(150);
  });
});

describe('the buffer of a text', () => {
  /** The sizes of the buffers that a render allocates, except for small ones. */
  async function allocatedBy(render: () => Promise<unknown>): Promise<number[]> {
    const allocate = vi.spyOn(Buffer, 'allocUnsafe');
    await render();
    return allocate.mock.calls.map(([size]) => size).filter((size) => size >= 1024);
  }

  it.each(
    FORMATS.flatMap(([format, accept]) =>
      ['long_total', 'long_seconds'].flatMap((name) =>
        [{}, { region: 'europe-west', environment: 'production', zone: 'the first zone' }].map(
          (defaultLabels) => ({ format, accept, name, defaultLabels }),
        ),
      ),
    ),
  )(
    '$name in $format with default labels $defaultLabels is written into one buffer',
    async ({ accept, name, defaultLabels }) => {
      configureMetrics({ defaultLabels });
      let length = 0;
      const sizes = await allocatedBy(async () => {
        ({ length } = (await renderMetrics({ accept, names: [name] })).body);
      });
      expect(length).toBeGreaterThan(2 * CHUNK_BYTES);
      expect(sizes).toHaveLength(1);
      expect(sizes[0]).toBeLessThan(8 * length);
    },
  );

  it("user's metrics of less than 64 kB are written into one buffer", async () => {
    const names = createGauges(1, 2000);
    expect(await allocatedBy(() => renderMetrics({ names }))).toHaveLength(1);
  });

  it('a text that is passed on in chunks needs no more than two of them', async () => {
    const sizes = await allocatedBy(() => chunksOf(['long_total', 'long_seconds']));
    expect(sizes).toEqual([2 * CHUNK_BYTES]);
  });
});
