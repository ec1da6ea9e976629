import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import type { Overview } from '../../../src/tools/page/browser/protocol';
import { startBusyServer, type BusyServer } from './busy-program';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

let browser: Browser;
let server: BusyServer;
const opened: WatchedPage[] = [];

beforeAll(async () => {
  [browser, server] = await Promise.all([startBrowser(), startBusyServer()]);
});

afterAll(async () => {
  await Promise.all([browser?.close(), server?.program.stop()]);
});

afterEach(async () => {
  for (const { page, offences } of opened.splice(0)) {
    expect(offences).toEqual([]);
    await page.context().close();
  }
});

async function open(
  query = '',
  options: Parameters<typeof openPage>[2] = {},
  { url }: BusyServer = server,
): Promise<Page> {
  const watched = await openPage(browser, url + query, options);
  opened.push(watched);
  await watched.page.locator('.line').first().waitFor();
  return watched.page;
}

async function overview({ url }: BusyServer = server, query = 'window=60'): Promise<Overview> {
  return (await (await fetch(`${url}-/overview.json?${query}`)).json()) as Overview;
}

const troubles = (page: Page) => page.locator('.troubles strong:visible').allTextContents();

const EXPECTED = [
  'Checkout.placeOrder',
  'Search.getEntry',
  'PaymentAuthorization.createEntry',
  'Inventory.getEntry',
];

test('the first line, the tab, its icon and the table name the methods in trouble', async () => {
  const page = await open();
  await page.locator('.verdict[data-level=good]').waitFor();
  expect(await page.title()).toMatch(/^Shop · /);
  for (const trouble of ['hang', 'miss', 'burst', 'fail']) await server.plant(trouble);
  await page.locator('.answer').getByText('▲ 4 of 120 methods in trouble').waitFor();
  expect((await troubles(page)).toSorted()).toEqual(EXPECTED.toSorted());
  expect((await troubles(page))[0]).toBe('Checkout.placeOrder');
  expect(await page.title()).toMatch(/^▲4 Shop · /);
  expect(await page.locator('link[rel=icon]').getAttribute('href')).toBe('./-/icon-trouble.svg');
  expect(await page.locator('.announcements').textContent()).toMatch(/^In trouble: /);
  const facts = page.locator('.facts');
  await facts.getByText('▲ 1 of 2').waitFor();
  // The table takes the new order within fifteen seconds.
  await vi.waitFor(
    async () => {
      const names = await page.locator('.line .name').allTextContents();
      expect(names.slice(0, 4).toSorted()).toEqual(EXPECTED.toSorted());
    },
    { timeout: 30_000, interval: 200 },
  );
});

test('a dependency that refuses connections is named at the top, with its error, and in a table of its own', async () => {
  const other = await startBusyServer();
  try {
    const page = await open('', {}, other);
    await page.locator('.verdict[data-level=good]').waitFor();
    expect(await page.getByRole('table', { name: 'Dependencies' }).count()).toBe(0);
    await other.plant('dependency');
    await page.locator('.answer').getByText('▲ 1 of 1 dependency in trouble').waitFor();
    const trouble = page.locator('.troubles').getByRole('button');
    expect(await trouble.textContent()).toMatch(
      /^Dependency stock 100 % of calls bad, .*, mostly ECONNREFUSED \(transport\)$/,
    );
    await trouble.click();
    const row = page.getByRole('table', { name: 'Dependencies' }).getByRole('row').nth(1);
    await row.getByText('ECONNREFUSED (transport)').waitFor();
    expect(await row.getByRole('rowheader').textContent()).toMatch(/^stock Calculator/);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('dependencies');
  } finally {
    await other.program.stop();
  }
});

test('the callers of a service are in a table of their own, the one with the most calls first', async () => {
  const other = await startBusyServer();
  try {
    const page = await open('', {}, other);
    const table = page.getByRole('table', { name: 'Callers' });
    expect(await table.count()).toBe(0);
    await other.plant('callers');
    await table.getByRole('rowheader', { name: 'basket calls Calculator' }).waitFor();
    const rows = table.getByRole('row');
    // With the heading, and the calls without a name.
    expect(await rows.count()).toBe(3);
    expect(await rows.nth(1).getByRole('rowheader').textContent()).toBe('basket calls Calculator');
    const { callers } = await overview(other);
    const basket = callers.find(({ caller }) => caller === 'basket');
    expect(basket).toMatchObject({ service: 'Calculator', failedRatio: null });
    const cells = await rows.nth(1).getByRole('cell').allTextContents();
    // Less than one call per second is shown per minute. No failures are seen, because the handler is not measured.
    expect(cells).toEqual([expect.stringMatching(/^\d.*\/(?:s|min)$/), '–']);
  } finally {
    await other.program.stop();
  }
});

test('a method named at the top opens in the table, even if the filter hides it', async () => {
  const page = await open('?filter=Orders');
  await page.locator('.troubles').getByRole('button', { name: 'Search.getEntry' }).click();
  await page.locator('.detail:not([hidden]) .errors').getByText('TypeError').waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Search.getEntry');
  expect(new URL(page.url()).search).toBe('?open=Search%2FgetEntry');
});

test('the address contains every choice, and opens the same page for somebody else', async () => {
  const page = await open();
  await page.getByRole('button', { name: '5 min', exact: true }).click();
  await page.getByLabel('Filter methods').fill('entry');
  await page.getByRole('columnheader', { name: 'Bad' }).getByRole('button').click();
  await page.getByRole('button', { name: 'By service' }).click();
  await page.getByRole('button', { name: 'Hide idle' }).click();
  const table = page.getByRole('table', { name: 'Methods' });
  await table.getByRole('button', { name: /^Orders \d/ }).click();
  await table.getByRole('button', { name: 'Search.getEntry' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('status').getByText('Paused at').waitFor();
  await page.locator('.detail .plot canvas').first().waitFor();
  const read = (from: Page) =>
    from.evaluate(() => [
      document.querySelector('[role=status]')?.textContent,
      document.querySelector('#covered')?.textContent,
      ...[...document.querySelectorAll('.line')].map((line) => line.textContent),
    ]);
  const expected = await read(page);
  expect(expected.length).toBeGreaterThan(20);

  const other = await open(new URL(page.url()).search);
  await other.locator('.detail .plot canvas').first().waitFor();
  expect(await read(other)).toEqual(expected);
});

test('a moment that is not in the history is said to be missing, and the page is live', async () => {
  const page = await open('?at=2020-01-02T03:04:05.000Z');
  await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
  const notice = page.locator('.notices').getByText('The history does not have');
  expect(await notice.textContent()).toContain('The page shows what is happening now.');
  expect(new URL(page.url()).search).toBe('');
});

test('rows stay where they are while the pointer is among them, and move on request', async () => {
  const page = await open('?sort=rate');
  await page.locator('.line').nth(20).hover();
  const order = () => page.locator('.line .name').allTextContents();
  const before = await order();
  // The rates of 120 methods change with every sample.
  await page.locator('.reorder').waitFor();
  expect(await order()).toEqual(before);
  await page.locator('.reorder').click();
  expect(await order()).not.toEqual(before);
});

test('groups show the totals of their methods and close', async () => {
  const page = await open('?group=service&sort=method');
  await page.keyboard.press('Space');
  await page.getByRole('status').getByText('Paused at').waitFor();
  const at = Date.parse(new URL(page.url()).searchParams.get('at') ?? '');
  const { methods } = await overview(server, `window=60&at=${at}`);
  const services = [...new Set(methods.map(({ service }) => service))].toSorted();
  const groups = page.locator('.group-line');
  expect(await groups.count()).toBe(services.length);
  const shown = await groups.locator('.name').allTextContents();
  expect(shown.map((text) => text.split(' ')[0])).toEqual(services);
  const orders = groups.filter({ hasText: 'Orders' });
  const total = methods
    .filter(({ service }) => service === 'Orders')
    .reduce((sum, { rate }) => sum + (rate ?? 0), 0);
  const figure = orders.locator('[data-column=rate] .figure');
  expect(parseFloat((await figure.textContent()) ?? '')).toBe(Number(total.toPrecision(3)));
  const lines = page.locator('.line:not(.group-line)');
  const all = await lines.count();
  expect(all).toBe(120);
  await orders.getByRole('button').click();
  expect(await lines.count()).toBe(105);
  await orders.getByRole('button').click();
  expect(await lines.count()).toBe(120);
});

test('idle methods are hidden and failing ones shown alone on request', async () => {
  const page = await open('?window=15');
  const count = page.locator('.count');
  await page.getByRole('button', { name: 'Hide idle' }).click();
  await vi.waitFor(async () => {
    const { methods } = await overview(server, 'window=900');
    const busy = methods.filter(({ rate, inFlight }) => (rate ?? 0) > 0 || (inFlight ?? 0) > 0);
    expect(await count.textContent()).toBe(`${busy.length} of 120 methods`);
  });
  await page.getByRole('button', { name: 'Only failing' }).click();
  const names = await page.locator('.line .name').allTextContents();
  expect(names.toSorted()).toEqual(EXPECTED.toSorted());
});

test('a key for a single character does nothing once they are switched off, and stays off', async () => {
  const page = await open();
  const shortcuts = page.getByLabel('Single-key shortcuts');
  await shortcuts.uncheck();
  await shortcuts.blur();
  await page.keyboard.press('w');
  await page.keyboard.press('Space');
  expect(new URL(page.url()).search).toBe('');
  await page.keyboard.press('Escape');
  await page.reload();
  await page.locator('.line').first().waitFor();
  await page.keyboard.press('w');
  expect(new URL(page.url()).search).toBe('');
  await page.getByLabel('Single-key shortcuts').check();
  await page.getByLabel('Single-key shortcuts').blur();
  await page.keyboard.press('w');
  await vi.waitFor(() => expect(new URL(page.url()).search).toBe('?window=5'));
});

test('after a restart the page claims nothing that it does not know, and says that there was a restart', async () => {
  const page = await open();
  // The answer of a process that has just started: it has one sample.
  await page.route('**/-/overview.json?*', async (route) => {
    const response = await route.fetch();
    const original = (await response.json()) as Overview;
    const nothing = {
      rate: null,
      failedRatio: null,
      badRatio: null,
      failedRate: null,
      badRate: null,
      p50: null,
      p95: null,
      p99: null,
      budget: null,
      oldest: 0,
      inFlight: 0,
      rates: [],
      inFlights: [],
      failedRatios: [],
      p99s: [],
    };
    await route.fulfill({
      response,
      json: {
        ...original,
        startedAt: original.startedAt + 60_000,
        from: original.to,
        times: [],
        objectives: { missed: 0, known: 0, total: 2 },
        process: { ...original.process, loopDelay: [], cpu: [], heapUsed: [] },
        methods: original.methods.map((row) => ({ ...row, ...nothing })),
      },
    });
  });
  await page.locator('.answer').getByText('Nothing is known yet').waitFor();
  expect(await page.locator('.verdict').getAttribute('data-level')).toBe('unknown');
  const facts = await page.locator('.facts dd').allTextContents();
  expect(facts).toEqual(['–', '–', '–', '–', '0 s', '–']);
  expect(await page.locator('.notices').textContent()).toMatch(/^The process restarted at /);
  expect(await page.title()).toMatch(/^Shop · /);
});

test('old figures are dimmed while the connection is lost', async () => {
  const other = await startBusyServer();
  const page = await open('', {}, other);
  const color = () =>
    page
      .locator('.line .method')
      .first()
      .evaluate((each) => getComputedStyle(each).color);
  const before = await color();
  await other.program.stop();
  await page.getByRole('status').getByText('Connection lost').waitFor();
  await page
    .getByRole('status')
    .getByText(/Figures are of \d\d:\d\d:\d\d/)
    .waitFor();
  expect(await color()).not.toBe(before);
  expect(await page.title()).toMatch(/^✕ /);
  // The browser reports each failed request.
  opened.find((each) => each.page === page)?.offences.splice(0);
});

test('a blocked event loop leaves a gap, which is said and drawn, and its calls count', async () => {
  const other = await startBusyServer();
  try {
    const page = await open('', {}, other);
    await vi.waitFor(async () => expect((await overview(other)).sample).toBeGreaterThan(2), {
      timeout: 30_000,
    });
    await other.plant('block');
    const notice = page.locator('.notices').getByText(/^No samples for \d+ s until/);
    await notice.waitFor();
    const { gaps, methods } = await overview(other);
    expect(gaps).toHaveLength(1);
    const [gap] = gaps;
    expect((gap?.to ?? 0) - (gap?.from ?? 0)).toBeGreaterThanOrEqual(8000);
    const placed = methods.find(({ method }) => method === 'placeOrder');
    expect(placed?.rates.filter((rate) => rate === null)).toHaveLength(1);
    // Once there are samples on both sides of the gap.
    await page.waitForFunction(
      () =>
        document.querySelector('.line .sparkline path')?.getAttribute('d')?.match(/M/g)?.length ===
        2,
    );
    await page
      .locator('.facts div', { hasText: 'Event loop' })
      .getByText(/^\d[\d.]* s$/)
      .waitFor();
  } finally {
    await other.program.stop();
  }
});
