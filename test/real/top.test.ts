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
    '--no-color',
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
  await terminal.shows(/1 of 1 instances up .*2 methods.*\r\n METHOD +RATE\/S/s);
  // The method with bad calls comes first.
  await terminal.shows(
    />divide {2}Calculator +\d+\.\d +100\.0% +100\.0%[^\r]*\r\n add {2}Calculator +\d+\.\d +0\.0% +0\.0%/,
  );
  terminal.type('r');
  await terminal.shows(/vRATE\/S.*add {2}Calculator.*divide {2}Calculator/s);
  terminal.type('e');
  await terminal.shows(/vFAILED.*divide {2}Calculator.*add {2}Calculator/s);
  terminal.type('i');
  await terminal.shows(/\^FAILED.*add {2}Calculator.*divide {2}Calculator/s);
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
  // The size has no room for more columns, and only for two rows.
  await terminal.shows(
    /METHOD +RATE\/S +vFAILED\W\[K\r\n>\w+ {2}Calc[^\r]*\W\[K\r\n \w+ {2}Calc[^\r]*\W\[K\r\nq quit {2}\/ filter {2}enter open {2}left\/right\W\[K\W\[J/,
  );
  terminal.type('q');
  const { code, restored, output } = await terminal.ended;
  expect({ code, restored }).toEqual({ code: 0, restored: true });
  expect(output).toContain(ENTERED);
  expect(output.slice(output.lastIndexOf(LEFT))).not.toContain('\x1b[H');
});

test('keys filter the methods and open one, and a color marks its bad calls', async () => {
  keepCalling();
  const terminal = startInTerminal(process.execPath, MAIN, 'top', '--interval', '0.2', server.url);
  // oxlint-disable-next-line no-control-regex
  await terminal.shows(/\x1b\[31m100\.0%/);
  terminal.type('/');
  await terminal.shows(/esc remove it/);
  terminal.type('ADD');
  await terminal.shows(/1 method .*\r\n\/ADD_/s);
  terminal.type('\r');
  await terminal.shows(/\/ADD[^_].*q quit/s);
  terminal.type('\x1b');
  await terminal.shows(/2 methods/);
  terminal.type('d\r');
  await terminal.shows(/Calculator\.divide.*INSTANCE.*ERROR.*RangeError +yes/s);
  terminal.type('q');
  expect(await terminal.ended).toMatchObject({ code: 0, restored: true });
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
