import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import type { MethodDetail, Overview } from '../../../src/tools/page/browser/protocol';
import { startProgram, type Program } from '../../support/start-program';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

const HOSTILE = '<img src=x onerror="globalThis.wasOwned=1">';
const QUERY = '?window=15&open=Shop/calculate';

let browser: Browser;
let program: Program;
let ports: { readonly page: string; readonly open: string; readonly control: string };
const opened: WatchedPage[] = [];

beforeAll(async () => {
  program = startProgram(process.execPath, ['--import', 'tsx', 'test/real/page/details-server.ts']);
  browser = await startBrowser();
  const [, page = '', open = '', control = ''] = await program.writes(
    /page (\d+) open (\d+) control (\d+)/,
  );
  ports = { page, open, control };
}, 60_000);

afterAll(async () => {
  await Promise.all([browser?.close(), program?.stop()]);
});

afterEach(async () => {
  for (const { page, offences } of opened.splice(0)) {
    expect(await page.evaluate(() => 'wasOwned' in globalThis)).toBe(false);
    expect(offences).toEqual([]);
    await page.context().close();
  }
});

/** Opens the page with one method, when its errors are sampled. */
async function openMethod(options: BrowserContextOptions = {}, port = ports.page): Promise<Page> {
  const watched = await openPage(browser, `http://127.0.0.1:${port}/${QUERY}`, options);
  opened.push(watched);
  const { page } = watched;
  await page.locator('.errors').getByText('RangeError').waitFor();
  return page;
}

const sectionOf = (page: Page, heading: string): Locator =>
  page
    .locator('section:not(:has(section))')
    .filter({ has: page.getByRole('heading', { name: heading, exact: true }) });

/** The texts of the cells of a table, by row. */
async function rowsOf(section: Locator): Promise<string[][]> {
  const rows = await section.locator('tbody tr').all();
  return Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
}

test('an open method shows the latest message and stack of each type of error as text', async () => {
  const page = await openMethod();
  const texts = sectionOf(page, 'Latest messages');
  expect(await texts.locator('.message').textContent()).toBe(
    `out of range ${HOSTILE} ${'long'.repeat(60)}`,
  );
  expect(await texts.locator('.note').textContent()).toMatch(/^\d\d:\d\d:\d\d, process \d+$/);
  const stack = texts.locator('pre');
  expect(await stack.isVisible()).toBe(false);
  await texts.getByText('Stack').click();
  expect(await stack.textContent()).toMatch(/^at .*calculate.*details-server\.ts/);
  // The next figures do not close it.
  await page.waitForResponse(/method\.json/);
  await page.waitForResponse(/method\.json/);
  expect(await stack.isVisible()).toBe(true);
});

test('on a page that anyone can open, the messages are replaced by how to see them', async () => {
  const page = await openMethod({}, ports.open);
  const texts = sectionOf(page, 'Latest messages');
  expect(await texts.locator('.note').textContent()).toContain("Set the option 'auth'");
  expect(await page.locator('body').textContent()).not.toContain('out of range');
});

test('the calls of an open method are split by the labels of the program', async () => {
  const page = await openMethod();
  const rows = await rowsOf(sectionOf(page, 'Calls by tier'));
  expect(rows.map(([value, , failed]) => [value, failed])).toEqual([
    ['gold', '25 %'],
    [HOSTILE, '0 %'],
  ]);
  for (const [, rate, , mean] of rows) {
    expect(rate).toMatch(/^[\d.]+\/(s|min|h)$/);
    expect(mean).toMatch(/^[\d.]+ (µs|ms)$/);
  }
});

test('connections and protocol errors are sections of the page', async () => {
  const page = await openMethod();
  const connections = sectionOf(page, 'Connections');
  await connections.getByText('1 ').first().waitFor();
  const [[transport, current, , closed = ''] = []] = await rowsOf(connections);
  expect([transport, current]).toEqual(['tcp', '0']);
  expect(closed).toMatch(/^1 \w+/);
  const [[reason = '', count, , sinceStart] = []] = await rowsOf(
    sectionOf(page, 'Protocol errors'),
  );
  expect(reason).toBe('▲ oversize_frame');
  expect([count, sinceStart]).toEqual(['1', '1']);
});

test('a page without servers has neither section', async () => {
  const page = await openMethod();
  await page.route('**/-/overview.json?*', async (route) => {
    const response = await route.fetch();
    const overview = (await response.json()) as Overview;
    await route.fulfill({ json: { ...overview, connections: [], protocolErrors: [] } });
  });
  await page.locator('.connections').waitFor({ state: 'detached' });
});

test('the charts mark that the process started and that configureMetrics was called, and say so', async () => {
  const page = await openMethod();
  await (await fetch(`http://127.0.0.1:${ports.control}/configure`)).text();
  const list = page.getByRole('list', { name: 'Events in the charts' });
  await list.getByText('configureMetrics: maxSeriesPerMetric').waitFor();
  expect(await list.locator('li').allTextContents()).toEqual([
    expect.stringMatching(/^▼ \d\d:\d\d:\d\d process started$/),
    expect.stringMatching(/^▼ \d\d:\d\d:\d\d configureMetrics: prefix$/),
    expect.stringMatching(/^▼ \d\d:\d\d:\d\d configureMetrics: maxSeriesPerMetric$/),
  ]);
  const charts = page.locator('.plot');
  expect(await charts.count()).toBe(3);
  for (const chart of await charts.all()) {
    expect(await chart.getAttribute('aria-label')).toMatch(
      /Events: process started at .*; configureMetrics: maxSeriesPerMetric at \d\d:\d\d:\d\d/,
    );
  }
});

test('a marker is drawn in the chart at its time', async () => {
  const page = await openMethod();
  /** How many pixels of a column of the chart have the color of markers. */
  const drawnAt = (fraction: number): Promise<number> =>
    page.evaluate((at) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.plot canvas')!;
      const over = document.querySelector<HTMLElement>('.plot .u-over')!;
      const scale = canvas.width / canvas.clientWidth;
      const x = Math.round((over.offsetLeft + at * over.clientWidth) * scale);
      // A copy, because the chart is not made to be read.
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {
        willReadFrequently: true,
      })!;
      copy.drawImage(canvas, 0, 0);
      const top = Math.round(over.offsetTop * scale);
      const { data } = copy.getImageData(x - 1, top, 3, Math.round(over.clientHeight * scale));
      const probe = document.createElement('span');
      probe.style.color = 'var(--muted)';
      document.body.append(probe);
      const [r = 0, g = 0, b = 0] = getComputedStyle(probe).color.match(/\d+/g)!.map(Number);
      probe.remove();
      let found = 0;
      for (let i = 0; i < data.length; i += 4) {
        const isClose = (offset: number, wanted: number): boolean =>
          Math.abs((data[i + offset] as number) - wanted) < 12;
        if (isClose(0, r) && isClose(1, g) && isClose(2, b) && (data[i + 3] as number) > 200)
          found++;
      }
      return found;
    }, fraction);
  const before = await drawnAt(0.5);
  await page.route('**/-/method.json?*', async (route) => {
    const detail = (await (await route.fetch()).json()) as MethodDetail;
    const [first = 0, last = 0] = [detail.times[0], detail.times.at(-1)];
    await route.fulfill({
      json: { ...detail, markers: [{ time: (first + last) / 2, text: 'halfway' }] },
    });
  });
  await page.getByText('halfway').waitFor();
  await expect.poll(() => drawnAt(0.5)).toBeGreaterThan(before + 30);
});

test('figures are compared with five minutes earlier once they are known, and not before', async () => {
  const page = await openMethod();
  const figures = sectionOf(page, 'Figures');
  expect(await figures.textContent()).toContain(
    'Not compared with five minutes earlier: the history does not reach that far back.',
  );
  expect(await page.locator('.facts').textContent()).not.toContain('5 min ago');
  const earlier = { rate: 2, failedRatio: 0.5, badRatio: 0.25, p50: 0.02, p95: 0.05, p99: null };
  await page.route('**/-/*.json?*', async (route) => {
    const answer = (await (await route.fetch()).json()) as MethodDetail | Overview;
    const p99 = { p99: 0.2, lowestBound: 0.001, highestBound: 0.2 };
    const totals = { badRatio: 0.125, failedRatio: null, ...p99, loopDelay: 0.004 };
    const known = { figures: 'methods' in answer ? totals : earlier, unknownReason: null };
    await route.fulfill({ json: { ...answer, earlier: known } });
  });
  await figures.getByText('5 min earlier').waitFor();
  const rows = await rowsOf(figures);
  expect(rows.map(([name, , before]) => [name, before])).toEqual([
    ['Calls', '2/s'],
    ['Failed', '50 %'],
    ['Bad', '25 %'],
    ['p50', '20 ms'],
    ['p95', '50 ms'],
    ['p99', '–'],
  ]);
  expect(await page.locator('.facts .earlier').allTextContents()).toEqual([
    '(5 min ago: 12.5 %)',
    '(5 min ago: ≥ 200 ms)',
    '(5 min ago: 4 ms)',
  ]);
});

const RATE =
  'sum by (thrift_service, thrift_method) (rate(shop_thrift_server_requests_total{thrift_service="Shop",thrift_method="calculate"}[5m]))';

test.each([
  ['with the clipboard', true],
  ['without HTTPS, where there is no clipboard', false],
])('the expression of a figure can be copied %s', async (_title, hasClipboard) => {
  const page = await openMethod({ permissions: ['clipboard-read', 'clipboard-write'] });
  if (!hasClipboard) {
    await page.evaluate(() =>
      Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true }),
    );
  }
  const button = page.getByRole('button', { name: 'Copy as PromQL: Calls' });
  await button.click();
  await page.getByText('✓ copied').waitFor();
  expect(await button.evaluate((each) => each === document.activeElement)).toBe(true);
  const filter = page.locator('#filter');
  await filter.focus();
  await page.keyboard.press('Control+V');
  expect(await filter.inputValue()).toBe(RATE);
});

test('where a browser refuses to copy, the expression can be copied by hand', async () => {
  const page = await openMethod();
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
    document.execCommand = () => false;
  });
  await page.getByRole('button', { name: 'Copy as PromQL: Calls' }).click();
  const field = page.getByRole('textbox', { name: 'PromQL of Calls' });
  expect(await field.inputValue()).toBe(RATE);
});

test('an open method leads to its dashboard with the time window of the page', async () => {
  const page = await openMethod();
  const link = page.getByRole('link', { name: 'Open in Grafana' });
  const { searchParams, origin, pathname } = new URL((await link.getAttribute('href')) ?? '');
  expect(origin + pathname).toBe('https://grafana.test/d/thrift');
  const { from, to, ...others } = Object.fromEntries(searchParams);
  expect(others).toEqual({ orgId: '3', 'var-service': 'Shop', 'var-method': 'calculate' });
  expect(Number(to)).toBeGreaterThan(Number(from));
  expect(Math.abs(Number(to) - Date.now())).toBeLessThan(60_000);
  expect(await link.getAttribute('rel')).toBe('noreferrer');
});

test('on paper, the sections are there without their controls', async () => {
  const page = await openMethod();
  await page.emulateMedia({ media: 'print' });
  expect(await sectionOf(page, 'Figures').isVisible()).toBe(true);
  expect(await page.getByRole('button', { name: 'Copy as PromQL: Calls' }).isVisible()).toBe(false);
  expect(await page.getByRole('link', { name: 'Open in Grafana' }).isVisible()).toBe(false);
});
