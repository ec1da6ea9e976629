import { readFileSync } from 'node:fs';

import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { startProgram, type Program } from '../../support/start-program';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

const AXE = readFileSync(require.resolve('axe-core'), 'utf8');

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

async function open(query: string, width = 1280): Promise<void> {
  watched = await openPage(browser, url + query, { viewport: { width, height: 900 } });
  ({ page } = watched);
  page.context().setDefaultTimeout(30_000);
}

afterEach(async () => {
  expect(watched.offences).toEqual([]);
  await page.context().close();
});

test('among 50 methods, the page names the one that holds the event loop first', async () => {
  await open('');
  const names = page.locator('#blockers strong');
  await names.first().waitFor();
  expect(await names.first().textContent()).toBe('Shop.method31');
  expect(await page.locator('#longest-block').textContent()).toMatch(
    /^Longest block [\d.]+ m?s in \w+\.\w+$/,
  );
  expect(await page.locator('.event-loop h2').textContent()).toMatch(/^Event loop [\d.]+ % busy$/);
}, 180_000);

test('an open method divides the time of its average call into stages that add up', async () => {
  await open('');
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
  await open('');
  await openMethod('method31');
  await page.locator('.time [data-stage=synchronous]').waitFor();
  const note = await page.locator('.time .note').textContent();
  expect(note).toContain('pass the service to instrumentService');
  expect(note).toContain('pass the server to instrumentServer');
}, 180_000);

test.each([360, 1280, 2560])(
  'the event loop and the stages fit a page of %d px and are accessible',
  async (width) => {
    await open('?filter=calculate', width);
    await openMethod('calculate');
    await page.locator('.time [data-stage=write]').waitFor();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
      return axe.run();
    });
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
  },
  180_000,
);

async function openMethod(method: string): Promise<void> {
  const name = page.locator('.line:not(.group-line) .name', { hasText: new RegExp(`${method}$`) });
  await name.first().click();
  await page.locator('.time').waitFor();
}
