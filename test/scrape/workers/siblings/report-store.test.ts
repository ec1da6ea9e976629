import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

it('a report that is announced is empty until the first is stored', async () => {
  const store = new ReportStore(folder);
  expect(store.instances()).toEqual([]);
  store.announce();
  expect(store.instances()).toEqual([store.instance]);
  expect(await store.read(store.instance)).toEqual({ families: [], userMetrics: [] });
  await store.save(store.start(), values('first'));
  expect(await new ReportStore(folder).read(store.instance)).toEqual(values('first'));
});

it('reports that are stored one after the other replace each other', async () => {
  const store = new ReportStore(folder);
  await store.save(store.start(), values('first'));
  const second = store.start();
  await store.save(second, values('second'));
  await store.save(second, values('second, again'));
  expect(await store.read(store.instance)).toEqual(values('second, again'));
});

it('a report that cannot be stored does not keep the next from being stored', async () => {
  const store = new ReportStore(join(folder, 'later'));
  await expect(store.save(store.start(), values('lost'))).rejects.toMatchObject({ code: 'ENOENT' });
  mkdirSync(join(folder, 'later'));
  await store.save(store.start(), values('next'));
  expect(await store.read(store.instance)).toEqual(values('next'));
});

it('the values of instances that are gone replace their reports, of either kind', async () => {
  const store = new ReportStore(folder);
  const [first, second] = [new ReportStore(folder), new ReportStore(folder)];
  first.announce();
  first.saveFinal(values('final'));
  second.announce();
  await store.saveRetired(values('sum'), [first.instance]);
  expect(store.instances()).toEqual([second.instance]);
  expect(store.readRetired()).toEqual(values('sum'));
  expect(store.instances()).toEqual([second.instance]);
});

it('files that are not reports are left alone', () => {
  const store = new ReportStore(folder);
  store.announce();
  for (const name of ['notes', 'notes.json', `${store.instance}.json.new`, `${store.instance}.txt`])
    writeFileSync(join(folder, name), '');
  expect(store.instances()).toEqual([store.instance]);
  const retired = { instances: ['../notes', 'notes', 3], families: [], userMetrics: [] };
  writeFileSync(join(folder, 'retired.json'), JSON.stringify(retired));
  store.readRetired();
  expect(existsSync(join(folder, 'notes.json'))).toBe(true);
});

it('reports can be read by this user only', async () => {
  const store = new ReportStore(folder);
  await store.save(store.start(), values('a'));
  store.saveFinal(values('b'));
  await store.saveRetired(values('c'), []);
  const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
});

it('a report that is damaged is an error, so that its values are not taken for 0', async () => {
  const store = new ReportStore(folder);
  for (const name of [`${store.instance}.json`, 'retired.json'])
    writeFileSync(join(folder, name), '{');
  await expect(store.read(store.instance)).rejects.toThrow(SyntaxError);
  expect(() => store.readRetired()).toThrow(SyntaxError);
});

it('a report without families or without metrics of the user has none', async () => {
  const store = new ReportStore(folder);
  const file = join(folder, `${store.instance}.json`);
  writeFileSync(file, JSON.stringify({ families: ['a'] }));
  expect(await store.read(store.instance)).toEqual({ families: ['a'], userMetrics: [] });
  writeFileSync(file, JSON.stringify({ userMetrics: ['b'] }));
  expect(await store.read(store.instance)).toEqual({ families: [], userMetrics: ['b'] });
  writeFileSync(file, 'null');
  expect(await store.read(store.instance)).toEqual({ families: [], userMetrics: [] });
});

it('instances of one process differ', () => {
  expect(new ReportStore(folder).instance).not.toBe(new ReportStore(folder).instance);
});

it('an instance runs if its process runs and is the same one', () => {
  const { instance } = new ReportStore(folder);
  expect(isAlive(instance)).toBe(true);
  expect(isAlive(instance.replace(/^\d+/, String(2 ** 30)))).toBe(false);
  expect(isAlive(`${process.pid}-1-another.0123456789ab`)).toBe(false);
  expect(isAlive(`x${instance}`)).toBe(false);
  expect(isAlive(`${instance}x`)).toBe(false);
});
