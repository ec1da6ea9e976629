import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrument,
  type MetricsServer,
  startMetricsServer,
} from '../../src/index';
import { listen } from '../support/listen';
import { startInTmux, type Tmux } from './terminal/start-in-tmux';

const MAIN = join(__dirname, '../../dist/cli.js');

const SERVICES = [
  'AccountAdministration',
  'BillingAndInvoicing',
  'CustomerProfileStorage',
  'DeliveryScheduling',
  'InventoryManagement',
  'NotificationDispatch',
  'RecommendationEngine',
  'SessionAuthorization',
];

/** Methods of each service: 120 in all. */
const METHODS = 15;

const methods = SERVICES.flatMap((service) =>
  Array.from({ length: METHODS }, (_, i) => ({ service, method: `readEntryOfKind${i}` })),
);

/** What the next calls of a method do. */
type Behavior = () => Promise<void>;
const behaviors = new Map<string, Behavior>();
const keyOf = (service: string, method: string) => `${service}.${method}`;

const calls = methods.map(({ service, method }) => ({
  key: keyOf(service, method),
  call: instrument(async () => behaviors.get(keyOf(service, method))?.(), { service, method }),
}));

let metrics: MetricsServer;

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error('These tests run the built command: npm run build');
  configureMetrics({
    rules: [
      {
        match: { service: 'AccountAdministration', method: '*' },
        objective: { latency: { target: 0.9, within: 0.25 } },
      },
    ],
  });
  metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
});

afterAll(async () => {
  await metrics.close();
});

/** Calls every method repeatedly until the test ends. */
function keepCalling(): void {
  const timer = setInterval(() => {
    for (const { call } of calls) call().catch(() => {});
  }, 100);
  onTestFinished(() => {
    clearInterval(timer);
    behaviors.clear();
  });
}

/** Starts `top` in a shell, and waits for its table. */
async function startTop(
  columns: number,
  rows: number,
  { args = '', environment = '', url = metrics.url } = {},
): Promise<Tmux> {
  const tmux = await startInTmux(columns, rows);
  await tmux.execute(
    `${environment} ${process.execPath} ${MAIN} top --interval 0.5 ${args} ${url}`,
  );
  await tmux.shows((lines) => rowsIn(lines).some((row) => /\d\.\d/.test(row)));
  return tmux;
}

/** The rows of the table. */
function rowsIn(lines: readonly string[]): readonly string[] {
  const from = lines.findIndex((line) => /^ [v^]?METHOD/.test(line));
  return from === -1 ? [] : lines.slice(from + 1).filter((line) => /^[> ]\S/.test(line));
}

const startsWith = (text: string) => (row: string) => row.slice(1).startsWith(text);

test('80 columns and 24 rows show 120 methods by their names, and cut the service at its end', async () => {
  keepCalling();
  const tmux = await startTop(80, 24, { args: '--sort name' });
  const lines = await tmux.screen();
  expect(lines).toHaveLength(24);
  expect(lines[1]).toMatch(/^120 methods /);
  const rows = rowsIn(lines);
  // The event loop has a line of its own above the table.
  expect(lines[2]).toMatch(/^loop \d/);
  expect(rows).toHaveLength(18);
  expect(rows.slice(0, 15)).toEqual(
    Array.from({ length: 15 }, () =>
      expect.stringMatching(/^[> ]readEntryOfKind\d+ {2}AccountAdm\w*… +\d+\.\d +0\.0% /),
    ),
  );
  // The methods of a service that are cut alike still differ.
  expect(new Set(rows.map((row) => row.slice(1, 32))).size).toBe(18);
  await tmux.press('PageDown', 'PageDown');
  await tmux.shows((screen) => rowsIn(screen).some(startsWith('readEntryOfKind12  BillingAnd')));
}, 60_000);

test('the screen follows the size of the terminal, and quitting restores what was there before', async () => {
  keepCalling();
  const tmux = await startInTmux(120, 30);
  await tmux.execute('stty -a > /dev/null; echo before top');
  await tmux.shows((lines) => lines.includes('before top'));
  await tmux.execute(`${process.execPath} ${MAIN} top --interval 0.5 ${metrics.url}`);
  await tmux.shows((lines) => lines.some((line) => line.includes('P50')));
  expect(await tmux.read('alternate_on')).toBe('1');
  expect(await tmux.read('cursor_flag')).toBe('0');
  await tmux.resize(60, 12);
  await tmux.shows(
    (lines) => rowsIn(lines).length === 7 && !lines.some((line) => line.includes('P50')),
  );
  await tmux.resize(200, 40);
  const wide = await tmux.shows((lines) => rowsIn(lines).length === 35);
  expect(wide.some((line) => /METHOD +TREND .* IN FLIGHT +OLDEST +BUDGET/.test(line))).toBe(true);
  await tmux.press('q');
  // Until the shell prompts, the terminal itself shows what is typed.
  const after = await tmux.shows(
    (lines) => lines.includes('before top') && lines.findLast((line) => line !== '') === '$',
  );
  expect(after.join('\n')).not.toContain('METHOD');
  expect(await tmux.read('alternate_on')).toBe('0');
  expect(await tmux.read('cursor_flag')).toBe('1');
  // The shell reads whole lines again.
  await tmux.execute('echo typed again');
  await tmux.shows((lines) => lines.includes('typed again'));
}, 60_000);

test('colors are shown in a terminal, not with NO_COLOR, and not through a pipe', async () => {
  keepCalling();
  // oxlint-disable-next-line no-control-regex
  const COLOR = /\x1b\[[\d;]*3[1-6]/;
  behaviors.set('BillingAndInvoicing.readEntryOfKind7', async () => {
    throw new Error('declined');
  });
  const inFirstRow = async (tmux: Tmux): Promise<string> => {
    await tmux.shows((lines) => rowsIn(lines)[0]?.includes('100.0%') === true);
    return (await tmux.screen('styles')).find((line) => line.includes('100.0%')) ?? '';
  };
  expect(await inFirstRow(await startTop(120, 30))).toMatch(COLOR);
  const environment = 'NO_COLOR=1';
  expect(await inFirstRow(await startTop(120, 30, { environment }))).not.toMatch(COLOR);

  const piped = await startInTmux(160, 200);
  await piped.execute(`${process.execPath} ${MAIN} top --interval 0.5 ${metrics.url} | cat -v`);
  const lines = await piped.shows((screen) => screen.some((line) => line.startsWith('METHOD')));
  const table = lines.slice(lines.findIndex((line) => line.startsWith('METHOD')));
  expect(table.filter((line) => line.includes('.readEntryOfKind'))).toHaveLength(120);
  expect(table.join('')).not.toContain('^[');
  expect(await piped.read('alternate_on')).toBe('0');
}, 90_000);

test('keys are answered at once with 5,000 methods', async () => {
  const body = Buffer.from(expositionOf(5000));
  const server = createServer((request, response) => {
    const isMetrics = request.url === '/metrics';
    response.writeHead(isMetrics ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(isMetrics ? body : '');
  });
  const { port, close } = await listen(server);
  onTestFinished(close);
  const tmux = await startTop(120, 30, { url: `127.0.0.1:${port}`, args: '--interval 2' });
  const delays: number[] = [];
  for (const [key, expected] of [
    ['Down', /^ m0 /],
    ['n', /^>m0 /],
    ['i', /^>m959 /],
    ['Down', /^ m959 /],
    ['d', /^>m0 /],
  ] as const) {
    const pressed = performance.now();
    // oxlint-disable-next-line no-await-in-loop
    await tmux.press(key);
    // oxlint-disable-next-line no-await-in-loop
    await tmux.shows((lines) => expected.test(rowsIn(lines)[0] ?? ''));
    delays.push(performance.now() - pressed);
  }
  expect(Math.max(...delays)).toBeLessThan(1000);
}, 120_000);

/** The handler metrics of many methods, as a program of that size serves them. */
function expositionOf(count: number): string {
  const names = Array.from({ length: count }, (_, i) => i);
  const labelsOf = (i: number) => `thrift_service="Service${i % 50}",thrift_method="m${i}"`;
  const bounds = [
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    '+Inf',
  ];
  const latency = 'thrift_server_latency_seconds';
  const histogramOf = (i: number, success: string) => [
    ...bounds.map(
      (bound) => `${latency}_bucket{${labelsOf(i)},thrift_success="${success}",le="${bound}"} 7`,
    ),
    `${latency}_sum{${labelsOf(i)},thrift_success="${success}"} 0.001`,
    `${latency}_count{${labelsOf(i)},thrift_success="${success}"} 7`,
  ];
  return [
    '# TYPE thrift_server_requests_total counter',
    ...names.map((i) => `thrift_server_requests_total{${labelsOf(i)}} 14`),
    `# TYPE ${latency} histogram`,
    ...names.flatMap((i) => [...histogramOf(i, 'true'), ...histogramOf(i, 'false')]),
    '# TYPE thrift_server_active_requests gauge',
    ...names.map((i) => `thrift_server_active_requests{${labelsOf(i)}} 0`),
    '',
  ].join('\n');
}
