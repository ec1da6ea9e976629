import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AxeResults } from 'axe-core';
import express from 'express';
import type { Browser, BrowserContextOptions, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { addVersion } from '../../../scripts/site/versions.mjs';
import { SETTINGS, type Setting } from '../../../src/configuration/settings-table';
import { CATALOGUE } from '../../../src/metrics/catalogue';
import { ERROR_CODES } from '../../../src/validation/errors';
import { outputOf } from '../../consumers/run';
import { openPage, startBrowser, type WatchedPage } from '../page/start-browser';
import { openSearch } from './site-search';

const ROOT = join(__dirname, '../../..');
const AXE = readFileSync(require.resolve('axe-core'), 'utf8');

/** One page of each kind. */
const PAGES = [
  'index.html',
  'tutorial/first-service.html',
  'how-to/alerts.html',
  'reference/metrics.html',
  'explanation/performance.html',
  'api/thrift-metrics/interfaces/MetricsConfiguration.html',
  'project/changelog.html',
];

let folder: string;
let version: string;
let server: Server;
let address: string;
let browser: Browser;
let search: (query: string) => string[];
const opened: WatchedPage[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
  await outputOf(process.execPath, ['scripts/site/main.mjs', 'publish', folder], ROOT);
  [version] = JSON.parse(readFileSync(join(folder, 'versions.json'), 'utf8')) as [string];
  search = await openSearch(folder, version);
  server = express().use(express.static(folder)).listen(0);
  await once(server, 'listening');
  address = `http://localhost:${(server.address() as AddressInfo).port}`;
  browser = await startBrowser();
}, 600_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const { page, offences } of opened.splice(0)) {
    expect(offences).toEqual([]);
    await page.context().close();
  }
});

async function open(path: string, options?: BrowserContextOptions) {
  const watched = await openPage(browser, `${address}/${version}/${path}`, options);
  opened.push(watched);
  // Vue has taken over the page.
  await watched.page.locator('.version-switch option').first().waitFor({ state: 'attached' });
  return watched.page;
}

/** The HTML files of the site, by their path on the server. */
function readPages(): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => name.endsWith('.html'))
      .map((name) => [`/${name}`, readFileSync(join(folder, name), 'utf8')]),
  );
}

test('every link within the site leads to a page, and to an element of it', () => {
  const pages = readPages();
  const anchorsOf = (html: string) =>
    new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const anchors = new Map([...pages].map(([path, html]) => [path, anchorsOf(html)]));
  const dead: string[] = [];
  for (const [path, html] of pages) {
    for (const [, link = ''] of html.matchAll(/<a [^>]*?href="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const { pathname, hash } = new URL(link, `http://site${path}`);
      const target = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
      const anchor = decodeURIComponent(hash.slice(1));
      const found = anchors.get(target);
      if (found === undefined || (anchor !== '' && !found.has(anchor)))
        dead.push(`${path}: ${link}`);
    }
  }
  expect(pages.size).toBeGreaterThan(100);
  expect(dead).toEqual([]);
});

test('every page of the documentation is in the sidebar', () => {
  const contents = readFileSync(join(folder, version, 'contents.html'), 'utf8');
  const [sidebar = ''] = /<aside[\s\S]*?<\/aside>/.exec(contents) ?? [];
  const linked = new Set([...sidebar.matchAll(/href="([^"]+)"/g)].map(([, link]) => link));
  const written = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.md') && name !== 'README.md',
  );
  const missing = written.filter(
    (name) => !linked.has(`/${version}/${name.replace(/\.md$/, '.html')}`),
  );
  expect(missing).toEqual([]);
});

test('the first screen shows the program, its output, the picture and the two numbers', async () => {
  const page = await open('index.html', { viewport: { width: 1280, height: 800 } });
  for (const element of [
    page.getByText('startMetricsServer', { exact: false }).first(),
    page.getByText('thrift_server_requests_total').first(),
    page.getByRole('img', { name: 'The live page' }),
    page.getByText(
      /4 lines of code instead of \d+, and add \d+ ns to an async call instead of \d+ ns/,
    ),
  ]) {
    const box = await element.boundingBox();
    expect(box).not.toBe(null);
    expect((box?.y ?? 0) + Math.min(box?.height ?? 0, 40)).toBeLessThan(800);
  }
});

/** The names of everything that an entry point exports, from the report of its API. */
function exportsOf(entryPoint: string): string[] {
  const report = readFileSync(join(ROOT, `api/${entryPoint}.api.md`), 'utf8');
  return [
    ...report.matchAll(/^export (?:declare )?(?:class|function|const|interface|type) (\w+)/gm),
  ].map(([, name = '']) => name);
}

const ENTRY_POINTS = ['index', 'dashboards', 'opentelemetry'];
const isOptionOfFunction = ({ target }: Setting): boolean =>
  target === 'metrics' || target === 'server';

/** What a reader types into the search, by kind, and the pages and sections that document it. */
const DOCUMENTED: [kind: string, names: readonly string[], where: (name: string) => RegExp][] = [
  [
    'export',
    ENTRY_POINTS.flatMap(exportsOf),
    (name) => RegExp(`^api/thrift-metrics/([a-z-]+/)*${name}\\.html`),
  ],
  [
    'option',
    SETTINGS.filter(isOptionOfFunction).map(({ option }) => option),
    (name) => RegExp(`^reference/(configuration|endpoint)\\.html#${name.toLowerCase()}$`),
  ],
  [
    'environment variable',
    SETTINGS.map(({ variable }) => variable),
    (name) => RegExp(`^reference/settings\\.html#${name.toLowerCase()}$`),
  ],
  [
    'environment variable with another name',
    SETTINGS.flatMap(({ alias = [] }) => alias),
    () => /^reference\/settings\.html/,
  ],
  [
    'error code',
    Object.keys(ERROR_CODES),
    (name) => RegExp(`^reference/errors\\.html#${name.toLowerCase()}$`),
  ],
  [
    'metric',
    Object.values(CATALOGUE).map(({ name }) => name),
    (name) => RegExp(`^reference/metrics\\.html#${name}$`),
  ],
];

test.each(DOCUMENTED)(
  'the first five results of the search for each %s have its documentation',
  (_kind, names, where) => {
    const notFound = names.flatMap((name) => {
      const found = search(name).slice(0, 5);
      return found.some((id) => where(name).test(id)) ? [] : [{ name, found }];
    });
    expect(names).not.toEqual([]);
    expect(notFound).toEqual([]);
  },
);

test.each([
  ['METRICS_PORT', 'reference/settings.html#thrift_metrics_port'],
  ['THRIFT_METRICS_CALLER_N', 'reference/settings.html#thrift_metrics_caller_name'],
  ['series per metric', 'reference/configuration.html#maxseriespermetric'],
  ['failed requests', 'reference/metrics.html#thrift_server_failed_requests_total'],
  ['METRIC_NAME', 'reference/errors.html#tm_err_metric_name'],
])('the search finds an identifier by its parts: %s', (query, section) => {
  expect(search(query).slice(0, 5)).toContain(section);
});

test('the search box shows the results, and each leads to the section or the row of a table', async () => {
  const page = await open('contents.html');
  for (const [name, section] of [
    ['instrumentHandler', 'api/thrift-metrics/functions/instrumentHandler.html'],
    ['maxSeriesPerMetric', 'reference/configuration.html#maxseriespermetric'],
    ['THRIFT_METRICS_PORT', 'reference/settings.html#thrift_metrics_port'],
    ['TM_ERR_SERIES_LIMIT', 'reference/errors.html#tm_err_series_limit'],
    ['thrift_server_requests_total', 'reference/metrics.html#thrift_server_requests_total'],
  ] as const) {
    await page.keyboard.press('Control+k');
    await page.locator('.search-input').fill(name);
    await page.locator(`.results .result[href^="/${version}/${section}"]`).first().click();
    await page.waitForURL((url) =>
      `${url.pathname}${url.hash}`.startsWith(`/${version}/${section}`),
    );
    const heading = page.locator(section.includes('#') ? `[id="${section.split('#')[1]}"]` : 'h1');
    await expect.poll(() => heading.textContent()).toContain(name);
    await expect.poll(() => isInView(heading)).toBe(true);
  }
});

async function isInView(element: Locator): Promise<boolean> {
  const box = await element.boundingBox();
  const height = element.page().viewportSize()?.height ?? 0;
  return box !== null && box.y >= 0 && box.y < height;
}

test.each(['light', 'dark'] as const)(
  'axe finds nothing in %s',
  async (colorScheme) => {
    for (const path of PAGES) {
      const page = await open(path, { colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate<AxeResults>(
        'axe.run(document, { resultTypes: ["violations"] })',
      );
      const found = violations.map(
        ({ id, nodes }) => `${path}: ${id}: ${nodes.map(({ target }) => target).join(', ')}`,
      );
      expect(found).toEqual([]);
    }
  },
  400_000,
);

test('no page is wider than a phone of 390 pixels', async () => {
  for (const path of PAGES) {
    const page = await open(path, { viewport: { width: 390, height: 844 } });
    expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
      path,
      390,
    ]);
  }
}, 600_000);

test('the version switch leads to another version that is published', async () => {
  const older = mkdtempSync(join(tmpdir(), 'older-'));
  writeFileSync(
    join(older, 'index.html'),
    '<!doctype html><title>An older version</title><link rel="icon" href="data:,">',
  );
  addVersion(folder, '0.0.9', older);
  rmSync(older, { recursive: true });
  const page = await open('index.html');
  await page.getByLabel('Version').selectOption('0.0.9');
  await page.waitForURL(`${address}/0.0.9/`);
  expect(await page.title()).toBe('An older version');
});

test('the first address leads to the newest version', async () => {
  const { page } = await openPage(browser, address);
  await page.waitForURL(`${address}/${version}/`);
  await page.context().close();
});
