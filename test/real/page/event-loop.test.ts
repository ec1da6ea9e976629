import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { startProgram, type Program } from '../../support/start-program';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

let browser: Browser;
let program: Program;
let url: string;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  program = startProgram(process.execPath, ['--import', 'tsx', 'test/real/page/blocker-server.ts']);
  const [, port] = await program.writes(/page (\d+)/);
  url = `http://127.0.0.1:${port}/`;
});

afterAll(async () => {
  await Promise.all([browser?.close(), program?.stop()]);
});

async function open(): Promise<void> {
  watched = await openPage(browser, url, { viewport: { width: 1280, height: 900 } });
  ({ page } = watched);
  page.context().setDefaultTimeout(30_000);
}

afterEach(async () => {
  expect(watched.offences).toEqual([]);
  await page.context().close();
});

test('among 50 methods, the page names the one that holds the event loop first', async () => {
  await open();
  const names = page.locator('#blockers strong');
  await names.first().waitFor();
  expect(await names.first().textContent()).toBe('Shop.method31');
  expect(await page.locator('#longest-block').textContent()).toMatch(
    /^Longest block [\d.]+ m?s in \w+\.\w+$/,
  );
  expect(await page.locator('.event-loop h2').textContent()).toMatch(/^Event loop [\d.]+ % busy$/);
}, 180_000);

test('an open method divides the time of its average call into stages that add up', async () => {
  await open();
  await openMethod('calculate');
  const stages = page.locator('.time [data-stage]');
  await page.locator('.time [data-stage=write]').waitFor();
  expect(await stages.locator('th').allTextContents()).toEqual([
    'Queue',
    'Decoding',
    'Handler, synchronous part',
    'Handler, after it returned',
    'Writing the reply',
  ]);
  const shares = (await stages.locator('td:nth-child(3)').allTextContents()).map((text) =>
    Number(text.replace(' %', '')),
  );
  expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100)).toBeLessThan(1);
  const [, , synchronous = NaN, waiting = NaN] = shares;
  // The handler holds the event loop for 5 ms and waits for 20, or longer on a busy machine.
  expect(synchronous).toBeGreaterThan(2);
  expect(waiting).toBeGreaterThan(2);
  expect(await page.locator('.stages .stage').count()).toBe(5);
}, 180_000);

test('a method without a processor says what measures the stages that it lacks', async () => {
  await open();
  await openMethod('method31');
  await page.locator('.time [data-stage=synchronous]').waitFor();
  const note = await page.locator('.time .note').textContent();
  expect(note).toContain('pass the service to instrumentService');
  expect(note).toContain('pass the server to instrumentServer');
}, 180_000);

async function openMethod(method: string): Promise<void> {
  const name = page.locator('.line:not(.group-line) .name', { hasText: new RegExp(`${method}$`) });
  await name.first().click();
  await page.locator('.time').waitFor();
}
