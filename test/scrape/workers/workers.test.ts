import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { KINDS, OPENMETRICS, PROTOBUF, TEXT, Workers } from './start-workers';

describe.each(KINDS)('%s', (kind) => {
  let workers: Workers;
  beforeEach(() => {
    workers = new Workers(kind);
  });
  afterEach(() => workers.stop());

  async function requests(): Promise<number> {
    const { body } = await workers.scrape(TEXT);
    const line = /^thrift_server_requests_total\{(.*)\} (\d+)$/m.exec(body);
    expect(line?.[1]).toContain('thrift_method="add"');
    expect(line?.[1]).toContain('env="test"');
    return Number(line?.[2]);
  }

  it('a scrape has the sum over all workers and the main process', async () => {
    await workers.fork(2);
    await workers.tell({ times: 1 });
    await workers.tell({ to: 0, times: 10 });
    await workers.tell({ to: 1, times: 100 });
    expect(await requests()).toBe(111);
    await workers.tell({ to: 1, times: 1 });
    expect(await requests()).toBe(112);
  });

  it('a scrape has the sum over all workers in every format', async () => {
    await workers.fork(1);
    await workers.tell({ to: 0, times: 3 });
    const openMetrics = await workers.scrape(OPENMETRICS);
    expect(openMetrics.contentType).toMatch(/^application\/openmetrics-text/);
    expect(openMetrics.body).toMatch(/^# TYPE thrift_server_requests counter$/m);
    expect(openMetrics.body).toMatch(/^thrift_server_requests_total\{.*\} 3$/m);
    expect(openMetrics.body).toMatch(
      /^thrift_server_latency_seconds_count\{.*thrift_success="true".*\} 3$/m,
    );
    expect(openMetrics.body).toMatch(/# EOF\n$/);
    const protobuf = await workers.scrape(PROTOBUF);
    expect(protobuf.contentType).toMatch(/^application\/vnd\.google\.protobuf/);
    expect(protobuf.body).toContain('thrift_server_latency_seconds');
  });

  it('a scrape has only the requested metrics', async () => {
    await workers.fork(1);
    const { body } = await workers.scrape(TEXT, ['wide_total', 'thrift_server_requests_total']);
    const families = body.match(/^# TYPE \S+/gm);
    expect(families).toEqual(['# TYPE thrift_server_requests_total', '# TYPE wide_total']);
  });

  it('the sum never decreases when a worker dies and another replaces it', async () => {
    await workers.fork(1);
    await workers.tell({ to: 0, times: 10 });
    expect(await requests()).toBe(10);
    await workers.tell({ to: 0, kill: true });
    expect(await requests()).toBe(10);
    await workers.fork(1);
    await workers.tell({ to: 1, times: 5 });
    expect(await requests()).toBe(15);
    await workers.tell({ to: 1, kill: true });
    expect(await requests()).toBe(15);
    expect(await requests()).toBe(15);
  });

  it('the gauges of a dead worker are removed', async () => {
    await workers.fork(2);
    const active = 'thrift_server_active_requests';
    await workers.tell({ to: 0, gauge: { name: 'own_gauge', value: 5 }, set: { [active]: 50 } });
    await workers.tell({ to: 1, gauge: { name: 'own_gauge', value: 2 }, set: { [active]: 20 } });
    expect([await workers.sum('own_gauge'), await workers.sum(active)]).toEqual([7, 70]);
    await workers.tell({ to: 0, kill: true });
    for (let scrape = 0; scrape < 2; scrape++) {
      expect([await workers.sum('own_gauge'), await workers.sum(active)]).toEqual([2, 20]);
    }
  });

  it('a worker that hangs counts with its last answer and does not fail the scrape', async () => {
    await workers.fork(2);
    await workers.tell({ to: 0, times: 10 });
    expect(await requests()).toBe(10);
    await workers.tell({ to: 0, hang: true });
    await workers.tell({ to: 1, times: 5 });
    for (let scrape = 0; scrape < 4; scrape++) expect(await requests()).toBe(15);
  });

  it('a worker that hangs in the middle of an answer counts with its previous answer', async () => {
    await workers.fork(2);
    for (const to of [0, 1]) await workers.tell({ to, keys: 1000 });
    expect(await workers.sum('wide_total')).toBe(2000);
    for (const to of [0, 1]) await workers.tell({ to, keys: 1000 });
    await workers.tell({ to: 0, freeze: 3 });
    for (let scrape = 0; scrape < 2; scrape++) expect(await workers.sum('wide_total')).toBe(3000);
    await workers.tell({ to: 0, kill: true });
    for (let scrape = 0; scrape < 2; scrape++) expect(await workers.sum('wide_total')).toBe(3000);
  });

  it('user metrics are combined by their aggregator', async () => {
    await workers.fork(2);
    const average = { name: 'own_average', aggregator: 'average' };
    const least = { name: 'own_least', aggregator: 'min' };
    for (const [to, value] of [
      [0, 10],
      [1, 30],
    ]) {
      await workers.tell({ to, gauge: { ...average, value } });
      await workers.tell({ to, gauge: { ...least, value } });
    }
    expect(await workers.sum('own_average')).toBe(20);
    expect(await workers.sum('own_least')).toBe(10);
  });
});
