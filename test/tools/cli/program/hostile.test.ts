import { describe, expect, test } from 'vitest';

import { runCommand } from './command';
import { serveText } from './serve-text';

const TYPE =
  '# HELP thrift_server_requests_total Calls.\n# TYPE thrift_server_requests_total counter\n';

const requests = (service: string, method: string, value = '1'): string =>
  `thrift_server_requests_total{thrift_service="${service}",thrift_method="${method}"} ${value}\n`;

const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('');

const HISTOGRAM = 'thrift_server_latency_seconds';
const LATENCY = '{thrift_service="S",thrift_method="m",thrift_success="true"';

const ENDPOINTS: Readonly<Record<string, string>> = {
  'a label value of 8 MB': TYPE + requests('S', 'x'.repeat(8 << 20)),
  'millions of escaped backslashes': TYPE + requests('S', '\\\\'.repeat(4 << 20)),
  'millions of escapes between letters': TYPE + requests('S', '\\na'.repeat(2 << 20)),
  '200,000 methods': TYPE + many(200_000, (i) => requests('S', `m${i}`)),
  '200,000 metrics': many(200_000, (i) => `f${i} 1\n`),
  '20,000 labels': `${TYPE}thrift_server_requests_total{${many(20_000, (i) => `l${i}="v",`)}} 1\n`,
  'a number of 300,000 digits': `x ${'1'.repeat(300_000)}.z\n`,
  'NaN, infinite and negative samples':
    TYPE +
    requests('S', 'm', 'NaN') +
    requests('S', 'n', '-Inf') +
    requests('S', 'o', '1e999') +
    requests('S', 'p', '-5') +
    `# HELP ${HISTOGRAM} Time.\n# TYPE ${HISTOGRAM} histogram\n` +
    `${HISTOGRAM}_bucket${LATENCY},le="x"} 1\n` +
    `${HISTOGRAM}_bucket${LATENCY},le="NaN"} NaN\n` +
    `${HISTOGRAM}_bucket${LATENCY},le="+Inf"} NaN\n` +
    `${HISTOGRAM}_count${LATENCY}} NaN\n`,
};

describe.each(Object.entries(ENDPOINTS))('an endpoint with %s', (_, text) => {
  test.each([['top', '--once', '--interval', '0.1'], ['check']])(
    '%s ends in time, without a stack trace and with a short output',
    async (...command) => {
      const { code, stdout, stderr } = await runCommand(...command, await serveText(text));
      expect([0, 1, 2]).toContain(code);
      expect(stderr).not.toMatch(/unexpected error|^\s+at /m);
      expect(`${stdout}${stderr}`).not.toMatch(/NaN%|Infinity|NaN(?:ms|us|s)\b/);
      expect(stdout.length + stderr.length).toBeLessThan(2_000_000);
    },
    30_000,
  );
});

test('top says how many methods it does not show', async () => {
  const url = await serveText(TYPE + many(1500, (i) => requests('S', `m${i}`)));
  const { stdout } = await runCommand('top', '--once', '--interval', '0.1', url);
  expect(stdout).toMatch(/^500 more methods are not shown\. Use --json to see them\.$/m);
});

test('check says how many findings it does not show', async () => {
  const { code, stdout, stderr } = await runCommand(
    'check',
    await serveText(many(2000, (i) => `f${i} 1\n`)),
  );
  expect(code).toBe(1);
  expect(stdout.split('\n')).toHaveLength(1001);
  expect(stderr).toContain('more findings are not shown. Use --json to see them.');
});

test('an endpoint with too many lines is not read', async () => {
  const { code, stderr } = await runCommand('check', await serveText('f 1\n'.repeat(1_000_001)));
  expect(code).toBe(2);
  expect(stderr).toContain('more than 1000000 lines');
});

test('--timeout covers both responses that check reads', async () => {
  const url = await serveText((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    setTimeout(() => response.end(TYPE + requests('S', 'm')), 700);
  });
  const { code, stderr } = await runCommand('check', '--timeout', '1', url);
  expect(code).toBe(2);
  expect(stderr).toContain('no answer within 1 s');
});
