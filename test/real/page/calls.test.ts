import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { startProgram, type Program } from '../../support/start-program';
import { connect, load, type Connected } from './load';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

let browser: Browser;
let program: Program;
let connected: Connected;
let url: string;
const opened: WatchedPage[] = [];

beforeAll(async () => {
  browser = await startBrowser();
  program = startProgram(process.execPath, ['--import', 'tsx', 'test/real/page/server.ts', '0']);
  const [, thriftPort, port] = await program.writes(/thrift (\d+) metrics (\d+)/);
  url = `http://127.0.0.1:${port}/`;
  connected = await connect(Number(thriftPort));
  await load(connected);
}, 120_000);

afterAll(async () => {
  connected?.end();
  await Promise.all([browser?.close(), program?.stop()]);
});

afterEach(async () => {
  for (const { page, offences } of opened.splice(0)) {
    expect(offences).toEqual([]);
    await page.context().close();
  }
});

async function open(options: BrowserContextOptions = {}, query = ''): Promise<Page> {
  const watched = await openPage(browser, url + query, options);
  opened.push(watched);
  await watched.page.locator('.calls h2').waitFor();
  return watched.page;
}

test(
  'the calls that hang are listed by age, and their ages grow',
  { timeout: 120_000 },
  async () => {
    const page = await open();
    await page.getByRole('heading', { name: 'Calls in progress: 2' }).waitFor();
    const rows = page.locator('.calls tbody tr');
    expect(await rows.count()).toBe(2);
    expect(await rows.first().textContent()).toMatch(/\d m?s.*Calculator\.factorize/);
    const before = await rows.first().locator('td').first().textContent();
    await page.waitForFunction(
      (text) => document.querySelector('.calls tbody td')?.textContent !== text,
      before,
    );
  },
);

test(
  'an open method shows its slow and failed calls with their messages and stacks',
  { timeout: 120_000 },
  async () => {
    const page = await open({}, '?open=Calculator/calculate');
    const kept = page.locator('.kept-calls');
    await kept.getByText('Failed: InvalidOperation (declared)').waitFor();
    await kept.getByText('Slow: 10 ms to 100 ms').waitFor();
    await kept.getByText('Slow: 100 ms to 1 s').waitFor();
    const summary = kept.locator('summary').first();
    await summary.focus();
    await page.keyboard.press('Enter');
    await kept.locator('details[open] pre').first().waitFor();
    expect(await kept.locator('details[open] pre').first().textContent()).toContain('server.ts');
  },
);
