// Every section of the page at every width and in every kind of colors and on paper. One page is resized, because opening it
// takes longer than looking at it.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { MethodDetail, Overview } from '../../../src/tools/page/browser/protocol';
import { startBusyServer, type BusyServer } from './busy-program';
import { findings, overflows } from './look-at';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

type Media = Parameters<Page['emulateMedia']>[0];

const MEDIA: Readonly<Record<string, Media>> = {
  light: { media: 'screen', colorScheme: 'light', forcedColors: 'none' },
  dark: { media: 'screen', colorScheme: 'dark', forcedColors: 'none' },
  'forced colors': { media: 'screen', colorScheme: 'light', forcedColors: 'active' },
  print: { media: 'print', colorScheme: 'dark', forcedColors: 'none' },
};

const CASES = Object.keys(MEDIA).flatMap((media) =>
  [360, 768, 820, 1024, 1440, 2560].map((width) => [media, width] as const),
);

/** With the methods in trouble alone, because axe takes long for many. */
const QUERY = '?window=15&group=service&only=failing&open=Calculator/calculate';

/** What is on the page, one selector for each section. */
const SECTIONS = [
  '.verdict .troubles',
  '.facts .earlier',
  '.tiles',
  '#blockers',
  '.flame-frame',
  '.profile-summary',
  '.method-table .group-line',
  '.detail .plot canvas',
  '.detail .errors',
  '.detail .error-text pre',
  '.detail .breakdown td',
  '.detail .time [data-stage=write]',
  '.detail .kept-calls td',
  '.calls td',
  '#callers',
  '#dependencies',
  '.connections td',
  '#protocol-errors',
];

let browser: Browser;
let server: BusyServer;
let address: string;
let signedOut: WatchedPage;
let signedIn: WatchedPage;

beforeAll(async () => {
  [browser, server] = await Promise.all([startBrowser(), startBusyServer()]);
  address = await server.startPrivatePage();
  for (const trouble of ['hang', 'miss', 'burst', 'hold', 'dependency', 'callers', 'serve']) {
    await server.plant(trouble);
  }
  signedOut = await openPage(browser, address);
  signedIn = await openPage(browser, address + QUERY);
  await fill(signedIn.page);
}, 180_000);

afterAll(async () => {
  await Promise.all([browser?.close(), server?.program.stop()]);
});

/** Opens everything that a section can show. */
async function fill(page: Page): Promise<void> {
  await compareWithEarlier(page);
  await page.getByLabel('Token of the metrics endpoint').fill('s3cret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Profile…' }).click();
  await page.getByRole('combobox', { name: 'Duration' }).selectOption('5 seconds');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('tree', { name: 'Flame graph' }).waitFor({ timeout: 60_000 });
  await page.locator('.detail .error-text summary').first().click();
  await page.locator('.detail .kept-calls summary').first().click();
  for (const selector of SECTIONS) {
    await page.locator(selector).first().waitFor({ timeout: 30_000 });
  }
}

/** Adds figures of five minutes earlier, which a process has after six minutes. */
async function compareWithEarlier(page: Page): Promise<void> {
  const method = { rate: 2, failedRatio: 0.5, badRatio: 0.25, p50: 0.02, p95: 0.05, p99: null };
  const totals = { badRatio: 0.125, failedRatio: 0.25, p99: 0.2, loopDelay: 0.004 };
  await page.route('**/-/{overview,method}.json?*', async (route) => {
    const response = await route.fetch();
    if (!response.ok()) return route.fulfill({ response });
    const answer = (await response.json()) as MethodDetail | Overview;
    const figures = 'methods' in answer ? totals : method;
    const json = { ...answer, earlier: { figures, unknownReason: null } };
    return route.fulfill({ response, json });
  });
}

async function show({ page }: WatchedPage, media: string, width: number): Promise<void> {
  await page.emulateMedia(MEDIA[media]);
  await page.setViewportSize({ width, height: 900 });
  // The charts take the new width in the frame after the one that notices it.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
}

/** The browser reports the 401 before the token is known. */
function offencesOf({ offences }: WatchedPage): readonly string[] {
  return offences.filter((offence) => !offence.includes('401'));
}

test.each(CASES)(
  'in %s at %i px, every section is accessible and nothing is cut off',
  async (media, width) => {
    await show(signedIn, media, width);
    const { page } = signedIn;
    expect(await findings(page)).toEqual([]);
    expect(await overflows(page)).toEqual([]);
    for (const selector of SECTIONS) {
      expect(await page.locator(selector).first().isVisible(), selector).toBe(true);
    }
    expect(offencesOf(signedIn)).toEqual([]);
  },
);

test.each(CASES)('in %s at %i px, the form to sign in is accessible', async (media, width) => {
  await show(signedOut, media, width);
  const { page } = signedOut;
  await page.getByLabel('Token of the metrics endpoint').waitFor();
  expect(await findings(page)).toEqual([]);
  expect(await overflows(page)).toEqual([]);
  expect(offencesOf(signedOut)).toEqual([]);
});
