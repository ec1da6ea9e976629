import { expect, test } from 'vitest';

import { sumOf } from '../support/sum-of';
import { missingLines } from './missing-lines';
import { runExample } from './run-example';
import { samplesIn } from './samples-in';

test('the cluster example serves the sum over its workers, including one that was killed', async () => {
  const { code, stdout, stderr } = await runExample('example:cluster');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(missingLines('cluster', stdout)).toEqual([]);
  const [first = '', killed = '', last = ''] = stdout
    .split(/^(?=After|Worker)/m)
    .filter((section) => section !== '');
  const calls = Number(/^After (\d+) calls/.exec(first)?.[1]);
  const more = Number(/^After (\d+) more calls/.exec(last)?.[1]);
  const victim = /^Worker (\d+) has been killed/.exec(killed)?.[1] ?? '';
  const workersIn = (section: string) =>
    samplesIn(section)
      .filter(({ name }) => name === 'worker_requests_total')
      .map(({ labels }) => labels.get('worker') ?? '');
  for (const [section, total, workers] of [
    [first, calls, ['1', '2']],
    [killed, calls, ['1', '2']],
    [last, calls + more, ['1', '2', '3']],
  ] as const) {
    const samples = samplesIn(section);
    expect(sumOf(samples, 'thrift_server_requests_total', {})).toBe(total);
    expect(sumOf(samples, 'worker_requests_total', {})).toBe(total);
    expect(workersIn(section).toSorted()).toEqual(workers);
  }
  // The primary hands its first two connections to different workers, and the counts of a worker outlive it.
  const ofVictim = [first, killed, last].map((section) =>
    sumOf(samplesIn(section), 'worker_requests_total', { worker: victim }),
  );
  expect(ofVictim[0]).toBeGreaterThan(0);
  expect(new Set(ofVictim).size).toBe(1);
});
