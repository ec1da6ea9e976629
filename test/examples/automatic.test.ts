import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { sumOf } from '../support/sum-of';
import { missingLines } from './missing-lines';
import { runExample } from './run-example';
import { samplesIn } from './samples-in';

const PROGRAM = 'examples/automatic/app.js';

/** The example leaves out series that are 0. */
const shown = (count: number): number => (count === 0 ? NaN : count);

test('the automatic example measures a program that does not mention this package', async () => {
  expect(readFileSync(PROGRAM, 'utf8')).not.toContain('thrift-metrics');

  const { code, stdout, stderr } = await runExample('example:auto');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(missingLines('automatic', stdout)).toEqual([]);
  const samples = samplesIn(stdout);
  const answers = [...stdout.matchAll(/^(\w+) -> (.+)$/gm)];
  expect(answers.length).toBeGreaterThan(0);
  for (const method of new Set(answers.map(([, name = '']) => name))) {
    const ofMethod = answers.filter(([, name]) => name === method);
    const failed = ofMethod.filter(([, , answer]) => Number.isNaN(Number(answer)));
    const reported = (family: string) =>
      sumOf(samples, family, { thrift_method: method, env: 'dev', region: 'local' });
    expect({
      method,
      server: reported('thrift_server_requests_total'),
      messages: reported('thrift_server_messages_total'),
      client: reported('thrift_client_requests_total'),
      errors: reported('thrift_server_errors_total'),
      clientErrors: reported('thrift_client_errors_total'),
    }).toEqual({
      method,
      server: ofMethod.length,
      messages: ofMethod.length,
      client: ofMethod.length,
      errors: shown(failed.length),
      clientErrors: shown(failed.length),
    });
  }
  expect(sumOf(samples, 'thrift_server_connections_total', { thrift_transport: 'tcp' })).toBe(1);
});
