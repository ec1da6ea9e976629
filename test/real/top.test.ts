import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { Instrumented, startMetricsServer, type MetricsServer } from '../../src/index';
import { startInTerminal, type Terminal } from './terminal/start-in-terminal';

const MAIN = join(__dirname, '../../dist/cli.js');
const ENTERED = '\x1b[?1049h';
const LEFT = '\x1b[?25h\x1b[?1049l';

@Instrumented({ service: 'Calculator' })
class CalculatorHandler {
  async add() {}
  async divide() {
    throw new RangeError('by zero');
  }
}

let server: MetricsServer;

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error('These tests run the built command: npm run build');
  server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
});

afterAll(() => server.close());

/** Calls the methods of a handler repeatedly. */
function keepCalling(): void {
  const handler = new CalculatorHandler();
  const timer = setInterval(() => {
    void handler.add();
    void handler.add();
    handler.divide().catch(() => {});
  }, 5);
  onTestFinished(() => clearInterval(timer));
}

async function startTop(...args: readonly string[]): Promise<Terminal> {
  const terminal = startInTerminal(
    process.execPath,
    MAIN,
    'top',
    '--interval',
    '0.2',
    ...args,
    server.url,
  );
  await terminal.shows(/METHOD/);
  return terminal;
}

test('top shows a running endpoint, handles keys and resizing, and restores the terminal', async () => {
  keepCalling();
  const terminal = await startTop();
  await terminal.shows(/1 of 1 instances up .*\r\n.*\r\n *METHOD +vRATE\/S/s);
  await terminal.shows(
    /Calculator\.add +\d+\.\d +0\.0% +0\.0%.*\r\n.*Calculator\.divide +\d+\.\d +100\.0%/,
  );
  terminal.type('e');
  await terminal.shows(/vFAILED.*Calculator\.divide.*Calculator\.add/s);
  terminal.type('i');
  await terminal.shows(/\^FAILED.*Calculator\.add.*Calculator\.divide/s);
  terminal.type('\x1b[C');
  await terminal.shows(/vBAD/);
  terminal.type('\x1b[D');
  await terminal.shows(/vFAILED/);
  terminal.type('p');
  await terminal.shows(/instances up {2}paused/);
  terminal.type('p?');
  await terminal.shows(/pause or resume/);
  terminal.type('?');
  await terminal.shows(/METHOD/);
  terminal.resize(40, 5);
  // The size has no room for more columns or for more than one row.
  await terminal.shows(
    /METHOD +RATE\/S +vFAILED\W\[K\r\nCalculator\.\w+[^\r]*\W\[K\r\nq quit {2}p pause {2}left\/right sort {2}i reve\W\[K\W\[J/,
  );
  terminal.type('q');
  const { code, restored, output } = await terminal.ended;
  expect({ code, restored }).toEqual({ code: 0, restored: true });
  expect(output).toContain(ENTERED);
  expect(output.slice(output.lastIndexOf(LEFT))).not.toContain('\x1b[H');
});

test.each([
  ['Ctrl-C', '\x03', 0],
  ['SIGINT', 2, 130],
  ['SIGTERM', 15, 143],
])('%s ends top and restores the terminal', async (_title, way, expected) => {
  const terminal = await startTop();
  if (typeof way === 'string') terminal.type(way);
  else terminal.signal(way);
  const { code, restored, output } = await terminal.ended;
  expect({ code, restored }).toEqual({ code: expected, restored: true });
  expect(output).toContain(LEFT);
});

test('a crash of top restores the terminal and is reported afterwards', async () => {
  const crash = join(__dirname, 'terminal/crash.cjs');
  const terminal = startInTerminal(
    process.execPath,
    `--require=${crash}`,
    MAIN,
    'top',
    '--interval',
    '0.2',
    server.url,
  );
  const { code, restored, output } = await terminal.ended;
  expect({ code, restored }).toEqual({ code: 70, restored: true });
  expect(output.slice(output.indexOf(LEFT))).toContain('unexpected error: Error: crash');
});

test('top shows an instance that goes down while others are up, and its return', async () => {
  keepCalling();
  const other = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  const terminal = await startTop(other.url);
  await terminal.shows(/2 of 2 instances up/);
  await other.close();
  await terminal.shows(/1 of 2 instances up.*cannot be read: .*ECONNREFUSED/s);
  const again = await startMetricsServer({ port: other.port, host: '127.0.0.1' });
  onTestFinished(() => again.close());
  terminal.resize(90, 20);
  await terminal.shows(/2 of 2 instances up/);
  terminal.type('q');
  expect(await terminal.ended).toMatchObject({ code: 0, restored: true });
});
