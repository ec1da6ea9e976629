import { readFileSync } from 'node:fs';

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { startProgram, type Program } from '../../support/start-program';
import { connect, type Connected } from './load';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

let browser: Browser;
let program: Program;
let connected: Connected;
let url = '';
const stopped = new AbortController();
const opened: WatchedPage[] = [];

beforeAll(async () => {
  const main = ['--import', 'tsx', 'test/real/page/profile-server.ts'];
  program = startProgram(process.execPath, main);
  const [started, ports] = await Promise.all([
    startBrowser(),
    program.writes(/thrift (\d+) metrics (\d+)/),
  ]);
  browser = started;
  connected = await connect(Number(ports[1]));
  url = `http://127.0.0.1:${ports[2]}/`;
  void load(connected);
});

afterAll(async () => {
  stopped.abort();
  connected?.end();
  await Promise.all([browser?.close(), program?.stop()]);
});

afterEach(async () => {
  for (const { page, offences } of opened.splice(0)) {
    // The browser reports the 401 before the token is known.
    expect(offences.filter((offence) => !offence.includes('401'))).toEqual([]);
    await page.context().close();
  }
});

/** Keeps the service busy in one method, with calls of another one between. */
async function load({ client }: Connected): Promise<void> {
  while (!stopped.signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- calls follow each other
    await client.factorize(100);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await client.add(1, 2);
  }
}

async function open(width: number): Promise<Page> {
  const watched = await openPage(browser, url, { viewport: { width, height: 900 } });
  opened.push(watched);
  const { page } = watched;
  await page.getByLabel('Token of the metrics endpoint').fill('s3cret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}

async function takeProfile(
  page: Page,
  type: 'CPU time' | 'Allocations' = 'CPU time',
): Promise<void> {
  await page.getByRole('button', { name: 'Profile…' }).click();
  await page.getByRole('combobox', { name: 'Kind' }).selectOption(type);
  await page.getByRole('combobox', { name: 'Duration' }).selectOption('5 seconds');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('tree', { name: 'Flame graph' }).waitFor({ timeout: 40_000 });
}

test('the page takes a profile, whose widest frame is the method that keeps the process busy, and offers the file', async () => {
  const page = await open(1280);
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await page.getByRole('button', { name: 'Profile…' }).waitFor();
  expect(loaded).not.toContain('/-/profile.js');
  await takeProfile(page);
  expect(loaded).toContain('/-/profile.js');

  const widths = await page
    .locator('.flame-frame[aria-level="2"]')
    .evaluateAll((frames) =>
      frames
        .map((frame) => ({ name: frame.textContent, width: frame.getBoundingClientRect().width }))
        .toSorted((a, b) => b.width - a.width),
    );
  expect(widths[0]?.name).toBe('Calculator.factorize');
  const first = page.locator('table', { hasText: 'Methods' }).locator('tbody tr').first();
  expect(await first.locator('th').textContent()).toMatch(/^Calculator\.factorize /);
  expect(await page.locator('.profile-summary').textContent()).toMatch(
    /^Busy for .* in process \d+ \(Calculator\)\.$/,
  );

  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: /^Download Calculator-.*\.cpuprofile$/ }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^Calculator-\d+-.*Z\.cpuprofile$/);
  const file = JSON.parse(readFileSync(await download.path(), 'utf8')) as object;
  expect(Object.keys(file)).toEqual(
    expect.arrayContaining(['nodes', 'startTime', 'endTime', 'samples', 'timeDeltas']),
  );
}, 120_000);

test('the flame graph is usable with the keyboard alone, and its keys are not those of the page', async () => {
  const page = await open(1280);
  await takeProfile(page);
  const flame = page.getByRole('tree', { name: 'Flame graph' });
  const active = (): Promise<string | null> =>
    page.locator('[data-active]').getAttribute('aria-label');
  await flame.focus();
  expect(await active()).toMatch(/^everything: /);
  await page.keyboard.press('ArrowDown');
  expect(await active()).toMatch(/^Calculator\.factorize: /);
  await page.keyboard.press('Enter');
  const method = page.getByRole('treeitem', { name: /^Calculator\.factorize/ });
  const whole = await flame.boundingBox();
  expect((await method.boundingBox())?.width).toBeGreaterThan((whole?.width ?? 0) - 10);
  await page.keyboard.press('ArrowDown');
  expect(await active()).toMatch(/^planted: /);
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  expect(await active()).toMatch(/^everything: /);
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(1);
  await flame.evaluate((element) => element.blur());
}, 120_000);

test('a profile of allocations is shown in bytes', async () => {
  const page = await open(1280);
  await takeProfile(page, 'Allocations');
  expect(await page.locator('.profile-summary').textContent()).toMatch(
    /^About \S+ [KMG]iB allocated/,
  );
  await page.getByRole('link', { name: /\.heapprofile$/ }).waitFor();
}, 120_000);

test('a profile that is cancelled ends, and one that is refused says why', async () => {
  const page = await open(1280);
  await page.getByRole('button', { name: 'Profile…' }).click();
  await page.getByRole('combobox', { name: 'Duration' }).selectOption('60 seconds');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('Profiling for 60 seconds.').waitFor();
  const other = await open(1280);
  await other.getByRole('button', { name: 'Profile…' }).click();
  await other.getByRole('button', { name: 'Start' }).click();
  await other.getByText(/a profile of this process is being taken/).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
  await other.getByRole('combobox', { name: 'Duration' }).selectOption('5 seconds');
  await other.getByRole('button', { name: 'Start' }).click();
  await other.getByRole('tree', { name: 'Flame graph' }).waitFor({ timeout: 40_000 });
  // The browser reports the refusal.
  for (const watched of opened) {
    watched.offences.splice(
      0,
      watched.offences.length,
      ...watched.offences.filter((offence) => !offence.includes('409')),
    );
  }
}, 180_000);
