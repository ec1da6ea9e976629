import { expect, test } from 'vitest';

import { sumOf } from '../support/sum-of';
import { missingLines } from './missing-lines';
import { runExample } from './run-example';
import { samplesIn } from './samples-in';

const CLIENT = {
  thrift_service: 'Calculator',
  thrift_method: 'calculate',
  thrift_client_name: 'entries',
};
const SERVER = { thrift_service: 'SharedService', thrift_method: 'getStruct' };

test('the client-side example measures each call on both sides, including the one that Thrift never settles', async () => {
  const { code, stdout, stderr } = await runExample('example:client');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(missingLines('client-side', stdout)).toEqual([]);
  const answers = [...stdout.matchAll(/^getStruct\((\d+)\) -> (.+)$/gm)];
  const [succeeded, failed] = [
    answers.filter(([, , answer = '']) => /^\d+$/.test(answer)),
    answers.filter(([, , answer = '']) => /^\w+: /.test(answer)),
  ];
  expect([succeeded.length, failed.length]).toEqual([2, 3]);
  for (const [, key, square] of succeeded) expect(Number(square)).toBe(Number(key) ** 2);

  const [during = '', after = ''] = stdout.split(/^After /m);
  expect(sumOf(samplesIn(during), 'thrift_client_active_requests', CLIENT)).toBe(1);
  expect(sumOf(samplesIn(during), 'thrift_server_active_requests', SERVER)).toBe(1);
  for (const [side, labels] of [
    ['client', CLIENT],
    ['server', SERVER],
  ] as const) {
    const reported = (family: string, more: Record<string, string> = {}) =>
      sumOf(samplesIn(after), `thrift_${side}_${family}`, { ...labels, ...more });
    expect({
      side,
      requests: reported('requests_total'),
      active: reported('active_requests'),
      succeeded: reported('latency_seconds_count', { thrift_success: 'true' }),
      failed: reported('latency_seconds_count', { thrift_success: 'false' }),
      errors: reported('errors_total'),
    }).toEqual({
      side,
      requests: answers.length,
      active: 0,
      succeeded: succeeded.length,
      failed: failed.length,
      errors: failed.length,
    });
  }
  for (const kind of ['declared', 'application', 'transport']) {
    const labels = { ...CLIENT, thrift_exception_kind: kind };
    expect(sumOf(samplesIn(after), 'thrift_client_errors_total', labels), kind).toBe(1);
  }
});
