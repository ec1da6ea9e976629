import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Workers } from './start-workers';

describe('cluster metrics of the client library', () => {
  let workers: Workers;
  beforeEach(() => {
    workers = new Workers('cluster');
  });
  afterEach(() => workers.stop());

  it('the cluster metrics of the client library have the sums of our metrics over the workers', async () => {
    await workers.fork(2);
    const declare = { timed: { name: 'own_seconds', buckets: [1, 2] } };
    await workers.tell({ to: 0, times: 3, age: 15, declare, observe: { own_seconds: [1, 1.5] } });
    await workers.tell({ to: 1, times: 4, age: 40, declare, observe: { own_seconds: [9] } });

    const { body } = await workers.tell({ clusterMetrics: true });

    const samples = body
      .split('\n')
      .filter((line) => line.includes('thrift_method="add"') || line.startsWith('own_seconds'))
      .filter((line) => !line.includes('thrift_success="false"'))
      .map(
        (line) => `${line.slice(0, line.indexOf('{'))} ${line.slice(line.lastIndexOf(' ') + 1)}`,
      );
    expect(samples).toEqual(
      expect.arrayContaining([
        'thrift_server_requests_total 7',
        'thrift_server_active_requests 0',
        'thrift_server_oldest_active_request_seconds 40',
        'thrift_server_latency_seconds_count 7',
        'own_seconds_bucket 1',
        'own_seconds_bucket 2',
        'own_seconds_bucket 3',
        'own_seconds_sum 11.5',
        'own_seconds_count 3',
      ]),
    );
    // Our own endpoint in the primary still serves the same sum.
    expect(await workers.sum('thrift_server_requests_total')).toBe(7);
  });
});
