import { afterEach, describe, expect, test } from 'vitest';

import { KINDS, TEXT, Workers } from './start-workers';

const OWN = { thrift_service: 'service', thrift_method: 'method' };

let workers: Workers;
afterEach(() => workers.stop());

const requestsIn = (body: string): string[] =>
  body.split('\n').filter((line) => line.startsWith('thrift_server_requests_total{'));

describe.each(KINDS)('%s', (kind) => {
  test.each([
    ['all processes', [undefined, 0, 1], 'service="Calculator"'],
    ['one worker', [1], 'service="Calculator"'],
    ['the process that serves the metrics', [undefined], 'service="Calculator"'],
  ])('workers sum exactly if %s rename labels', async (_who, configured, expected) => {
    workers = new Workers(kind);
    await workers.fork(2);
    for (const to of configured) {
      await workers.tell({ ...(to !== undefined && { to }), configure: { labelNames: OWN } });
    }
    await workers.tell({ times: 1 });
    await workers.tell({ to: 0, times: 2 });
    await workers.tell({ to: 1, times: 4 });
    const { body } = await workers.scrape(TEXT);
    const lines = requestsIn(body);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(expected);
    expect(lines[0]).toMatch(/ 7$/);
    expect(body).not.toMatch(/thrift_(service|method)="/);
  });

  test('the names of the process that serves the metrics win over those of workers', async () => {
    workers = new Workers(kind);
    await workers.fork(1);
    await workers.tell({ to: 0, configure: { labelNames: { thrift_service: 'svc' } } });
    await workers.tell({ configure: { labelNames: OWN } });
    await workers.tell({ to: 0, registryLabels: { service: 'of the registry' } });
    await workers.tell({ to: 0, times: 3 });
    const { body } = await workers.scrape(TEXT);
    const lines = requestsIn(body).filter((line) => line.endsWith(' 3'));
    expect(lines).toEqual([expect.stringMatching(/\{method="add",service="Calculator"/)]);
  });
});
