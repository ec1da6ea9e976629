import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { openPage, startBrowser, type WatchedPage } from './start-browser';
import { startProgram, type Program } from '../../support/start-program';
import { parseText, type Sample } from '../../support/text-format';
import { connect, load, type Connected } from './load';

const HOSTILE = '<img src=x onerror="globalThis.wasOwned=1">';

interface Server {
  readonly program: Program;
  readonly thriftPort: number;
  readonly metricsPort: number;
}

async function startServer(metricsPort = 0): Promise<Server> {
  const main = ['--import', 'tsx', 'test/real/page/server.ts', String(metricsPort)];
  const program = startProgram(process.execPath, main);
  const [, thriftPort, port] = await program.writes(/thrift (\d+) metrics (\d+)/);
  return { program, thriftPort: Number(thriftPort), metricsPort: Number(port) };
}

async function scrape({ metricsPort }: Server): Promise<Sample[]> {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  return parseText(await response.text());
}

interface Expected {
  readonly calls: number;
  readonly failedRatio: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly inFlight: number;
}

/** The expected figures of a method, from its samples. All were 0 when the page started to record them. */
function expectedOf(samples: readonly Sample[], method: string): Expected {
  const sum = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    samples
      .filter((sample) => sample.name === name && sample.labels.get('thrift_method') === method)
      .filter(({ labels: found }) =>
        Object.entries(labels).every(([label, value]) => found.get(label) === value),
      )
      .reduce((total, { value }) => total + value, 0);
  const latency = 'thrift_server_latency_seconds';
  const bounds = ['0.01', '0.025', '0.05', '0.1', '0.25'];
  const cumulative = bounds.map((le) => sum(`${latency}_bucket`, { le }));
  const all = sum(`${latency}_bucket`, { le: '+Inf' });
  /** Computes a quantile as the Prometheus documentation defines it, from the scraped cumulative buckets. */
  const quantile = (q: number): number => {
    const rank = q * all;
    const i = cumulative.findIndex((count) => count >= rank);
    if (i === -1) return Number(bounds.at(-1));
    const [begin, below] = i === 0 ? [0, 0] : [Number(bounds[i - 1]), cumulative[i - 1] as number];
    const inside = (cumulative[i] as number) - below;
    return begin + (Number(bounds[i]) - begin) * ((rank - below) / inside);
  };
  return {
    calls: sum('thrift_server_requests_total'),
    failedRatio: sum('thrift_server_failed_requests_total') / sum('thrift_server_requests_total'),
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    inFlight: sum('thrift_server_active_requests'),
  };
}

/** The scraped number of calls of a method up to a bound. */
function callsWithin(method: string, le: string): number {
  return samples
    .filter(({ name, labels }) => {
      if (name !== 'thrift_server_latency_seconds_bucket') return false;
      return labels.get('thrift_method') === method && labels.get('le') === le;
    })
    .reduce((total, { value }) => total + value, 0);
}

function slowShare(method: string, le: string): number {
  return 1 - callsWithin(method, le) / callsWithin(method, '+Inf');
}

/** The bounds of the bucket with most calls, as the page formats them. The duration of a call depends on the machine. */
function fullestBucket(method: string): string {
  const bounds = ['0 s', '10 ms', '25 ms', '50 ms', '100 ms', '250 ms'];
  const cumulative = ['0.01', '0.025', '0.05', '0.1', '0.25'].map((le) => callsWithin(method, le));
  const counts = cumulative.map((count, i) => count - (cumulative[i - 1] ?? 0));
  const fullest = counts.indexOf(Math.max(...counts));
  return `${bounds[fullest]} to ${bounds[fullest + 1]}`;
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  ms: 1e-3,
  µs: 1e-6,
  '%': 1e-2,
  '/s': 1,
  '/min': 1 / 60,
  '/h': 1 / 3600,
  '': 1,
};

/** The number in `▲ 12.5 %`, `≥ 250 ms`, `3.4/s` or `2`. */
function numberIn(text: string): number {
  const [, digits, unit = ''] =
    /^(?:[▲≥] )?(\d[\d.]*) ?(s|ms|µs|%|\/s|\/min|\/h|)$/.exec(text.trim()) ?? [];
  if (digits === undefined) throw new Error(`no figure: ${text}`);
  return Number(digits) * (UNITS[unit] as number);
}

/** All figures of one row and the seconds that they cover, read at one moment. */
async function shown(page: Page, name: string): Promise<Record<string, string>> {
  return page.evaluate((wanted) => {
    const line = [...document.querySelectorAll('.line')].find(
      (each) => each.querySelector('.name')?.textContent === wanted,
    );
    if (line === undefined) return {};
    const figures = [...line.querySelectorAll('td')].map((cell) => [
      cell.dataset['column'] ?? '',
      cell.querySelector('.figure')?.textContent ?? '',
    ]);
    const covered = document.querySelector('#covered')?.textContent ?? '';
    return { ...Object.fromEntries(figures), covered } as Record<string, string>;
  }, name);
}

/** Allows for figures with three significant digits. */
function expectAbout(text: string | undefined, expected: number): void {
  const difference = Math.abs(numberIn(text ?? '') - expected);
  expect(difference, `${text} for ${expected}`).toBeLessThanOrEqual(0.0051 * expected);
}

/** A percentile within the first bucket may be anywhere below its bound, and is shown so. */
function expectPercentile(text: string | undefined, expected: number): void {
  if (expected < 0.01) expect(text).toBe('< 10 ms');
  else expectAbout(text, expected);
}

async function expectFigures(page: Page, name: string, expected: Expected): Promise<void> {
  await vi.waitFor(
    async () => {
      const found = await shown(page, name);
      const [, seconds] = /^Figures cover ([\d.]+) s,/.exec(found['covered'] ?? '') ?? [];
      expectAbout(found['rate'], expected.calls / Number(seconds));
      expectAbout(found['failedRatio'], expected.failedRatio);
      expectPercentile(found['p50'], expected.p50);
      expectPercentile(found['p95'], expected.p95);
      expectPercentile(found['p99'], expected.p99);
      expect(found['inFlight']).toBe(String(expected.inFlight));
    },
    { timeout: 20_000, interval: 100 },
  );
}

/** The button in the table that opens a method. */
const toggleOf = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Methods' }).getByRole('button', { name });

const names = (page: Page) => page.locator('.line .name').allTextContents();

let browser: Browser;
let server: Server;
let connected: Connected;
let samples: Sample[];
const opened: WatchedPage[] = [];

beforeAll(async () => {
  [browser, server] = await Promise.all([startBrowser(), startServer()]);
  connected = await connect(server.thriftPort);
  await load(connected);
  samples = await scrape(server);
});

afterAll(async () => {
  connected?.end();
  await Promise.all([browser?.close(), server?.program.stop()]);
});

afterEach(async () => {
  for (const { page, offences } of opened.splice(0)) {
    expect(await page.evaluate(() => 'wasOwned' in globalThis)).toBe(false);
    expect(offences).toEqual([]);
    await page.context().close();
  }
});

async function open(options: Parameters<typeof openPage>[2] = {}): Promise<Page> {
  const watched = await openPage(browser, `http://127.0.0.1:${server.metricsPort}/`, {
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  opened.push(watched);
  const { page } = watched;
  await page.locator('.line').first().waitFor();
  // Switches the window from one minute to fifteen.
  await page.keyboard.press('w');
  await page.keyboard.press('w');
  return page;
}

describe('the figures of the page', () => {
  test('a page opened after the load shows the figures of the scraped histogram', async () => {
    const page = await open();
    const expected = expectedOf(samples, 'calculate');
    expect([expected.calls, expected.failedRatio]).toEqual([20, 0.1]);
    await expectFigures(page, 'Calculator.calculate', expected);
    expect((await shown(page, 'Calculator.calculate'))['p99']).toBe('≥ 250 ms');
  });

  test('the page shows the scraped figures of calls in flight, of failed calls and of bad calls', async () => {
    const page = await open();
    expect(expectedOf(samples, 'factorize').inFlight).toBe(2);
    await vi.waitFor(async () => {
      expect(await shown(page, 'Calculator.factorize')).toMatchObject({
        inFlight: '2',
        p99: '–',
        failedRatio: '0 %',
      });
    });
    await expectFigures(page, 'Calculator.mean', expectedOf(samples, 'mean'));
    const mean = await shown(page, 'Calculator.mean');
    expect([mean['failedRatio'], mean['badRatio']]).toEqual(['25 %', '▲ 25 %']);
    // Its failures are declared exceptions, which do not count against its objective.
    const calculate = await shown(page, 'Calculator.calculate');
    expect([calculate['failedRatio'], calculate['badRatio']]).toEqual(['10 %', '0 %']);
  });

  test('the figures are updated while the page is open, freeze while it is paused, and continue afterwards', async () => {
    const page = await open();
    const before = expectedOf(samples, 'ping').calls;
    await vi.waitFor(async () =>
      expect((await shown(page, 'Calculator.ping'))['rate']).toBe('0/s'),
    );
    for (let i = 0; i < 50; i++) await connected.client.ping();
    await expectFigures(page, 'Calculator.ping', expectedOf(await scrape(server), 'ping'));

    await page.keyboard.press('Space');
    await page.getByRole('status').getByText('Paused at').waitFor();
    const still = await shown(page, 'Calculator.ping');
    for (let i = 0; i < 50; i++) await connected.client.ping();
    // Requests during the pause show the same moment.
    await page.getByRole('button', { name: '5 min', exact: true }).click();
    await toggleOf(page, 'Calculator.ping').click();
    await page.locator('.detail .plot canvas').first().waitFor();
    expect(await shown(page, 'Calculator.ping')).toEqual(still);

    await page.getByRole('button', { name: 'Resume' }).click();
    const after = expectedOf(await scrape(server), 'ping');
    expect(after.calls).toBe(before + 100);
    await expectFigures(page, 'Calculator.ping', after);
  });
});

test('label values from any source are shown as text', async () => {
  const page = await open();
  expect(await names(page)).toContain(`${HOSTILE}.${HOSTILE}`);
  expect(await page.locator('.labels').textContent()).toBe(`env="${HOSTILE}"`);
  await toggleOf(page, 'Calculator.mean').click();
  await page.locator('.errors tbody').waitFor();
  expect(await page.locator('.errors tbody th').allTextContents()).toEqual([HOSTILE]);
  expect(await page.locator('img').count()).toBe(0);
});

test('methods in trouble come first, and each column sorts both ways', async () => {
  const page = await open();
  const first = async (expected: string[]) =>
    vi.waitFor(async () => expect((await names(page)).slice(0, 2)).toEqual(expected), {
      // The rows move every fifteen seconds.
      timeout: 30_000,
      interval: 100,
    });
  // Its calls that never settle are older than 20 times the bound of its objective by now.
  await first(['Calculator.mean', 'Calculator.factorize']);
  const heading = page.getByRole('columnheader', { name: 'In flight' });
  await heading.getByRole('button').click();
  expect(await heading.getAttribute('aria-sort')).toBe('descending');
  expect((await names(page))[0]).toBe('Calculator.factorize');
  await page.keyboard.press('Enter');
  expect(await heading.getAttribute('aria-sort')).toBe('ascending');
  expect((await names(page)).at(-1)).toBe('Calculator.factorize');
  await page.getByLabel('Sort by:').selectOption('name');
  expect((await names(page))[0]).toBe(`${HOSTILE}.${HOSTILE}`);
  await page.getByLabel('Sort by:').selectOption('trouble first');
  await first(['Calculator.mean', 'Calculator.factorize']);
});

test('the keyboard opens the charts, errors and objectives of a method', async () => {
  const page = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('calcul calc');
  expect(await page.locator('.count').textContent()).toMatch(/^4 of 5 methods$/);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('calculator.calc');
  expect(await names(page)).toEqual(['Calculator.calculate']);
  // Tabs over the order, three switches and ten headings to the method.
  for (let i = 0; i < 15; i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const toggle = toggleOf(page, 'Calculator.calculate');
  expect(await toggle.getAttribute('aria-expanded')).toBe('true');

  const detail = page.locator('.detail:not([hidden])');
  await detail.locator('.budgets').waitFor();
  expect(await detail.locator('.plot canvas').count()).toBe(3);
  const images = detail.getByRole('img');
  expect(
    await images.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label'))),
  ).toEqual([
    expect.stringMatching(/^Calls by outcome: ok \S+, declared exception \S+, undeclared/),
    expect.stringMatching(/^Latency percentiles: p50 .*, p95 .*, p99 /),
    // Then come the events of the process.
    expect.stringContaining(`Latency heatmap: most calls took ${fullestBucket('calculate')}. `),
  ]);
  expect(await detail.locator('.errors tbody td').allTextContents()).toEqual([
    'declared',
    '2',
    expect.stringMatching(/\/(?:s|min|h)$/),
    expect.stringMatching(/^\d\d:\d\d:\d\d$/),
    expect.stringMatching(/^\d\d:\d\d:\d\d$/),
  ]);
  // There is no undeclared error. Some calls took longer than 0.1 s; half of them may.
  const left = `${Number(((1 - slowShare('calculate', '0.1') / 0.5) * 100).toPrecision(3))} %`;
  const promises = await detail
    .locator('.budgets tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
  expect(promises).toEqual([
    ['90 % of calls do not fail, except by declared exceptions', '100 %', '100 %', '100 %'],
    ['50 % of calls settle within 0.1 s', left, left, left],
  ]);
  await page.keyboard.press('Escape');
  expect(await toggle.getAttribute('aria-expanded')).toBe('false');
  expect((await names(page)).length).toBe(5);
  await toggle.focus();
  // The rows hold still while one of them has the focus.
  const all = await names(page);
  await page.keyboard.press('ArrowUp');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(
    all[all.indexOf('Calculator.calculate') - 1],
  );
});

test('a key chooses the window, and the page shows the time that it covers', async () => {
  const page = await open();
  const pressed = () => page.locator('.group [aria-pressed=true]').textContent();
  expect(await pressed()).toBe('15 min');
  for (const expected of ['1 min', '5 min', '15 min']) {
    await page.keyboard.press('w');
    expect(await pressed()).toBe(expected);
  }
  expect(await page.locator('#covered').textContent()).toMatch(
    /^Figures cover \d+\.\d s, from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d$/,
  );
});

test('the theme follows the system until one is chosen, and the choice is kept', async () => {
  const page = await open({ colorScheme: 'dark' });
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  expect(light).not.toBe(dark);
  await page.keyboard.press('t');
  await page.keyboard.press('t');
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  expect(await ground()).toBe(dark);
  await page.reload();
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  expect(await ground()).toBe(dark);
});

test('a phone shows the whole page without horizontal scrolling', async () => {
  const page = await open({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await toggleOf(page, 'Calculator.calculate').tap();
  await page.locator('.detail .budgets').waitFor();
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(widths).toEqual([360, 360]);
  // For a screen reader, the table is still a table.
  expect(await page.getByRole('cell').count()).toBeGreaterThan(20);
  const beyond = await page.evaluate(() =>
    [...document.querySelectorAll('main *')]
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
      .map((each) => each.getAttribute('class')),
  );
  expect(beyond).toEqual([]);
});

test('the page says what it does not show', async () => {
  const page = await open();
  await page.route('**/-/overview.json?*', async (route) => {
    const response = await route.fetch();
    const overview = (await response.json()) as { process: object };
    const process = { ...overview.process, hasWorkers: true };
    await route.fulfill({ response, json: { ...overview, process, omittedMethods: 3 } });
  });
  await page.locator('.notices p').first().waitFor();
  expect(await page.locator('.notices p').allTextContents()).toEqual([
    'Methods are summed over this process and its workers. Event loop, CPU and heap are those of this process only.',
    'Not shown because the history is full: 3 more methods.',
  ]);
});

test('the page reports a lost connection and reconnects when the server is back', async () => {
  let other = await startServer();
  onTestFinished(() => other.program.stop());
  const { page } = await openPage(browser, `http://127.0.0.1:${other.metricsPort}/`);
  const status = page.getByRole('status');
  await status.getByText('Live', { exact: true }).waitFor();
  await other.program.stop();
  await status.getByText('Connection lost: the server does not answer').waitFor();
  expect((await names(page)).length).toBe(5);
  other = await startServer(other.metricsPort);
  await status.getByText('Live', { exact: true }).waitFor();
  await page.context().close();
});
