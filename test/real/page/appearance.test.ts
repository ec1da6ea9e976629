import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { startBusyServer, type BusyServer } from './busy-program';
import { findings } from './look-at';
import { openPage, startBrowser, type WatchedPage } from './start-browser';

let browser: Browser;
let server: BusyServer;
const opened: WatchedPage[] = [];

beforeAll(async () => {
  [browser, server] = await Promise.all([startBrowser(), startBusyServer()]);
  for (const trouble of ['hang', 'miss', 'burst', 'fail', 'dependency', 'callers'])
    await server.plant(trouble);
  // A call that hangs is the last trouble to show, when it is two seconds old.
  const { page } = await openPage(browser, server.url);
  await page.locator('.answer').getByText('▲ 4 of 120 methods and 1 of 1 dependency').waitFor();
  await page.context().close();
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

/** Opens the page in trouble, by default with groups and the methods in trouble alone, because axe takes long for many. */
async function open(
  options: BrowserContextOptions,
  query = '?window=15&group=service&only=failing',
): Promise<Page> {
  const watched = await openPage(browser, server.url + query, options);
  opened.push(watched);
  const { page } = watched;
  await page.locator('.verdict[data-level=bad]').waitFor();
  return page;
}

async function openMethod(page: Page): Promise<void> {
  await page.locator('.line:not(.group-line) .name').first().click();
  await page.locator('.detail .plot canvas').first().waitFor();
}

function viewportOf(width: number): BrowserContextOptions {
  const isPhone = width < 500;
  return {
    viewport: { width, height: isPhone ? 844 : 900 },
    hasTouch: isPhone,
    isMobile: isPhone,
  };
}

test.each([360, 1440])(
  'at %i px, a paused page and one with a lost connection have no accessibility findings',
  async (width) => {
    const page = await open(viewportOf(width));
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('status').getByText('Paused at').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.route('**/-/overview.json?*', (route) => route.abort());
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('status').getByText('Connection lost').waitFor();
    expect(await findings(page)).toEqual([]);
    // The browser reports each aborted request.
    opened[0]?.offences.splice(0);
  },
);

test('on paper, the page is dark on white and has no controls', async () => {
  const page = await open({ colorScheme: 'dark', ...viewportOf(1024) });
  await openMethod(page);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const colors = await page.evaluate(() =>
    ['html', '.line .method', '.tile .value'].map((selector) => {
      const style = getComputedStyle(document.querySelector(selector) as Element);
      return selector === 'html' ? style.backgroundColor : style.color;
    }),
  );
  expect(colors).toEqual(['rgb(255, 255, 255)', 'rgb(24, 32, 43)', 'rgb(24, 32, 43)']);
  expect(await page.locator('.controls').isVisible()).toBe(false);
  expect(await page.locator('.line:not(.group-line) .name').count()).toBe(4);
  expect(await findings(page)).toEqual([]);
});

test('a narrow page drops p50, then p95, then the sparklines', async () => {
  const page = await open(viewportOf(1440), '?window=15');
  const shows = (selector: string) => page.locator(selector).first().isVisible();
  const shown = async (width: number): Promise<boolean[]> => {
    await page.setViewportSize({ width, height: 900 });
    return Promise.all(
      ['th[data-column=p50]', 'th[data-column=p95]', '.line .sparkline', 'th[data-column=p99]'].map(
        shows,
      ),
    );
  };
  expect(await shown(1440)).toEqual([true, true, true, true]);
  expect(await shown(1300)).toEqual([false, true, true, true]);
  expect(await shown(1200)).toEqual([false, false, true, true]);
  expect(await shown(1024)).toEqual([false, false, false, true]);
});

test.each([820, 1100, 1250, 1440])(
  'at %i px, an open method is as wide as the table, and so are the rows',
  async (width) => {
    const page = await open(viewportOf(width));
    await openMethod(page);
    const [table, ...parts] = await page.evaluate(() =>
      ['.method-table', '.detail:not([hidden])', '.line', 'thead tr'].map((selector) => {
        const part = document.querySelector(selector) as Element;
        const { left, right } = part.getBoundingClientRect();
        return { left, right };
      }),
    );
    // The table has a border of 1 px.
    for (const { left, right } of parts) {
      expect(Math.abs(left - (table?.left ?? 0))).toBeLessThanOrEqual(1.5);
      expect(Math.abs(right - (table?.right ?? 0))).toBeLessThanOrEqual(1.5);
    }
  },
);

test.each([768, 1024, 1440])(
  'at %i px, the headings stay in sight and the rows are low',
  async (width) => {
    const page = await open(viewportOf(width), '?window=15');
    const heights = await page
      .locator('.line')
      .evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().height));
    expect(Math.max(...heights)).toBeLessThan(90);
    await page.locator('.line').nth(100).scrollIntoViewIfNeeded();
    const table = page.getByRole('table', { name: 'Methods' });
    const box = await table.getByRole('columnheader', { name: 'Method' }).boundingBox();
    expect(box?.y).toBe(0);
  },
);

test('a phone shows the first method in the upper two thirds, and each control is at least 44 px high', async () => {
  const page = await open(viewportOf(390), '?window=15');
  const first = await page.locator('.line').first().boundingBox();
  expect(first?.y).toBeLessThan(620);
  const small = await page
    .locator('button:visible, select:visible, input[type=search]:visible, a:visible, label:visible')
    .evaluateAll((all) =>
      all
        .filter((each) => each.getBoundingClientRect().height < 43.9 && each.className !== 'order')
        .map((each) => each.outerHTML),
    );
  expect(small).toEqual([]);
});

test('at 200 % zoom, the first method is in sight', async () => {
  // A window of 1280 by 800 px.
  const page = await open({ viewport: { width: 640, height: 400 } }, '?window=15');
  await page.locator('.tools').scrollIntoViewIfNeeded();
  const first = await page.locator('.line').first().boundingBox();
  expect(first?.y).toBeLessThan(400);
});
