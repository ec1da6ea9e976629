// Five kinds of trouble in one service of 120 methods, which the page and `top` must show within five seconds. The clocks of
// the page and of `top` count them: the page by the times of its samples, which a busy machine may delay, and `top` by its
// scrapes, of which it makes two per second. A browser and a test program that are slow so change nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import type { Overview } from '../../../src/tools/page/browser/protocol';
import { startBusyServer, type BusyServer } from './busy-program';
import { openPage, startBrowser } from './start-browser';
import { startInTmux, type Tmux } from '../terminal/start-in-tmux';

const MAIN = join(__dirname, '../../../dist/cli.js');

/** Commands that plant the trouble. */
const TROUBLES = ['hang', 'miss', 'burst', 'hold', 'dependency'] as const;

type Trouble = (typeof TROUBLES)[number];

/** When each trouble began or was first shown, in milliseconds since 1970. */
type Times = Map<Trouble, number>;

const WITHIN = 5000;

/** Columns of the terminals. */
const WIDTHS = [60, 80, 120, 200];

/** Milliseconds between two scrapes of `top`. */
const SCRAPED_EVERY = 500;

/** Milliseconds between two samples of the page. */
const SAMPLED_EVERY = 2000;

/** Milliseconds by which a busy machine may delay samples. They do not count. */
const MOST_LATE = 2000;

let browser: Browser;
let server: BusyServer;

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error('These tests run the built command: npm run build');
  [browser, server] = await Promise.all([startBrowser(), startBusyServer()]);
});

afterAll(async () => {
  await Promise.all([browser?.close(), server?.program.stop()]);
});

test('each trouble among 120 methods is at the top of the page and of `top` within five seconds', async () => {
  const [page, ...terminals] = await Promise.all([openInBrowser(), ...WIDTHS.map(startTop)]);
  const begun: Times = new Map();
  const shown = Promise.all([watchPage(page), ...terminals.map(watchTerminal)]);
  await Promise.all(TROUBLES.map(async (each) => begun.set(each, await server.plant(each))));
  const [onPage, ...inTerminals] = await shown;
  const scrapes = await server.scrapes();
  for (const [trouble, time] of begun) {
    expect((onPage.get(trouble) ?? NaN) - time, trouble).toBeLessThanOrEqual(WITHIN);
    for (const [i, times] of inTerminals.entries()) {
      const path = pathOf(WIDTHS[i] as number);
      // The screen shows whole seconds.
      const until = (times.get(trouble) ?? NaN) + 1000;
      expect(until, `${trouble} ${path}`).toBeGreaterThan(time);
      // None if the trouble began during the scrape that shows it.
      const { length } = scrapes.filter(
        (each) => each.url === path && each.time > time && each.time < until,
      );
      expect(length * SCRAPED_EVERY, `${trouble} ${path}`).toBeLessThanOrEqual(WITHIN);
    }
  }
  expect(await namesOutOfSight(page)).toEqual([]);
}, 120_000);

async function openInBrowser(): Promise<Page> {
  const viewport = { width: 1440, height: 900 };
  const { page, offences } = await openPage(browser, server.url, { viewport });
  onTestFinished(async () => {
    await page.unrouteAll({ behavior: 'wait' });
    expect(offences).toEqual([]);
    await page.context().close();
  });
  await page.locator('.verdict[data-level=good]').waitFor();
  return page;
}

/** Resolves when every trouble has been at the top of the page, with the times of the samples in which it first was. */
function watchPage(page: Page): Promise<Times> {
  const shown: Times = new Map();
  return new Promise((resolve, reject) => {
    let sampledAt = NaN;
    let latest: Overview | null = null;
    let late = 0;
    page
      .route('**/-/overview.json?*', async (route) => {
        // The page requests figures after it has shown the ones before.
        if (!Number.isNaN(sampledAt)) {
          for (const each of await troublesOn(page)) {
            if (!shown.has(each)) shown.set(each, sampledAt);
          }
        }
        if (shown.size === TROUBLES.length) resolve(shown);
        const response = await route.fetch();
        const answer = (await response.json()) as Overview;
        if (latest !== null) {
          const regular = (answer.sample - latest.sample) * SAMPLED_EVERY;
          late += Math.max(0, answer.to - latest.to - regular);
        }
        latest = answer;
        sampledAt = answer.to - Math.min(late, MOST_LATE);
        await route.fulfill({ response });
      })
      .catch(reject);
  });
}

/** The names of what is in trouble, and of what blocks the event loop most. */
const NAMES = '.troubles strong, #blockers span:first-child strong';

async function troublesOn(page: Page): Promise<Trouble[]> {
  const names = await page.locator(NAMES).allTextContents();
  const expected: Readonly<Record<Trouble, string>> = {
    hang: 'Inventory.getEntry',
    miss: 'Checkout.placeOrder',
    burst: 'Search.getEntry',
    hold: 'Shipping.getEntry',
    dependency: 'Dependency stock',
  };
  return TROUBLES.filter((each) => names.includes(expected[each]));
}

function namesOutOfSight(page: Page): Promise<(string | null)[]> {
  return page.locator(NAMES).evaluateAll((all) =>
    all
      .filter((each) => {
        const { top, bottom } = each.getBoundingClientRect();
        return top < 0 || bottom > innerHeight;
      })
      .map((each) => each.textContent),
  );
}

/** Tells the scrapes of one terminal from those of another. */
function pathOf(columns: number): string {
  return `/metrics?columns=${columns}`;
}

async function startTop(columns: number): Promise<Tmux> {
  const tmux = await startInTmux(columns, 30);
  const url = new URL(pathOf(columns), server.url);
  const interval = SCRAPED_EVERY / 1000;
  await tmux.execute(`TZ=UTC ${process.execPath} ${MAIN} top --interval ${interval} '${url}'`);
  await tmux.shows((lines) => lines.some((line) => /^[> ]\w+ .* \d\.\d/.test(line)));
  return tmux;
}

/** Resolves when every trouble has been at the top of the screen, with the times of the scrapes in which it first was. */
async function watchTerminal(tmux: Tmux): Promise<Times> {
  const shown: Times = new Map();
  await tmux.shows((lines) => {
    const time = timeOf(lines);
    // A screen that is being drawn may have no time yet.
    if (Number.isNaN(time)) return false;
    for (const each of troublesIn(lines)) if (!shown.has(each)) shown.set(each, time);
    return shown.size === TROUBLES.length;
  });
  return shown;
}

function troublesIn(lines: readonly string[]): Trouble[] {
  const heading = lines.findIndex((line) => line.startsWith(' METHOD'));
  if (heading === -1) return [];
  // What blocks the event loop is named above the table, and the rest has a row each.
  const totals = lines.slice(1, heading).join('\n');
  const rows = lines.slice(heading + 1, heading + TROUBLES.length);
  // A narrow terminal has no column for the age of the oldest call.
  const showsAges = /\bOLDEST\b/.test(lines[heading] ?? '');
  const patterns: Readonly<Record<Exclude<Trouble, 'hold'>, RegExp>> = {
    hang: showsAges ? /^[> ]getEntry {2}Inventory .* [1-9]\.\d+s / : /^ getEntry {2}Inventory /,
    miss: /^[> ]placeOrder {2}Checkout .*-\d+(?:%|x)/,
    burst: /^[> ]getEntry {2}Search /,
    dependency: /^[> ]stock {2}dependency /,
  };
  // Without trouble, any methods come first.
  if (!patterns.miss.test(rows[0] ?? '')) return [];
  return TROUBLES.filter((each) =>
    each === 'hold'
      ? /\bmostly Shipping\.getEntry /.test(totals)
      : rows.some((row) => patterns[each].test(row)),
  );
}

/** The time of the scrape that a screen shows, in whole seconds. */
function timeOf(lines: readonly string[]): number {
  const clock = /\d\d:\d\d:\d\d$/.exec(lines[0] ?? '')?.[0];
  const [today] = new Date().toISOString().split('T');
  const time = Date.parse(`${today}T${clock}Z`);
  // A screen of yesterday that is looked at today.
  return time - Date.now() > 43_200_000 ? time - 86_400_000 : time;
}
