import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import type { WorkerValues } from '../../../../src/scrape/workers/peer';
import { isAlive, ReportStore } from '../../../../src/scrape/workers/siblings/report-store';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tm-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function values(name: string): WorkerValues {
  return { families: [name], userMetrics: [] };
}

it('a report that was started earlier does not replace a later one', async () => {
  const store = new ReportStore(folder);
  const [early, late] = [store.start(), store.start()];
  await Promise.all([store.save(late, values('late')), store.save(early, values('early'))]);
  expect(await store.read(store.instance)).toEqual(values('late'));
});

it("a report that was started earlier keeps its user's metrics if the later one has none", async () => {
  const store = new ReportStore(folder);
  const [early, late] = [store.start(), store.start()];
  await Promise.all([
    store.save(late, { families: ['late'] }),
    store.save(early, { families: ['early'], userMetrics: ['own'] }),
  ]);
  expect(await store.read(store.instance)).toEqual({ families: ['late'], userMetrics: ['own'] });
});

it("a report without user's metrics keeps those of the one before, and so does the final report", async () => {
  const store = new ReportStore(folder);
  await store.save(store.start(), { families: ['first'], userMetrics: ['own'] });
  await store.save(store.start(), { families: ['second'] });
  expect(await store.read(store.instance)).toEqual({ families: ['second'], userMetrics: ['own'] });
  store.saveFinal({ families: ['third'] });
  expect(await store.read(store.instance)).toEqual({ families: ['third'], userMetrics: ['own'] });
});

it('a final report counts, even if an earlier one is written after it', async () => {
  const store = new ReportStore(folder);
  store.saveFinal(values('final'));
  await store.save(store.start(), values('earlier'));
  expect(await store.read(store.instance)).toEqual(values('final'));
  expect(store.instances()).toEqual([store.instance]);
});

it('the values of an instance are never counted twice, even if its report was not removed', async () => {
  const store = new ReportStore(folder);
  store.announce();
  await store.saveRetired(values('sum'), [store.instance]);
  // As if the process had been killed between the two steps.
  store.announce();
  const next = new ReportStore(folder);
  expect(next.readRetired()).toEqual(values('sum'));
  expect(next.instances()).toEqual([]);
});

it('nothing is left of an instance whose values are kept, even if it was killed while it wrote a file', async () => {
  const [killed, other] = [new ReportStore(folder), new ReportStore(folder)];
  killed.announce();
  for (const unfinished of [`.json.${killed.instance}`, '.final.json.new']) {
    writeFileSync(join(folder, killed.instance + unfinished), '{');
  }
  other.announce();
  await other.saveRetired(values('sum'), [killed.instance]);
  expect(readdirSync(folder).toSorted()).toEqual([`${other.instance}.json`, 'retired.json']);
});

it('an instance without a report has no values', async () => {
  const store = new ReportStore(folder);
  expect(await store.read(store.instance)).toEqual({ families: [], userMetrics: [] });
  expect(store.readRetired()).toEqual({ families: [], userMetrics: [] });
});

it('an instance runs if its process runs and is the same one', () => {
  const { instance } = new ReportStore(folder);
  expect(isAlive(instance)).toBe(true);
  expect(isAlive(instance.replace(/^\d+/, String(2 ** 30)))).toBe(false);
  expect(isAlive(`${process.pid}-1-another.0123456789ab`)).toBe(false);
});
