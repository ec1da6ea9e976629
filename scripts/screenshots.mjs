// `npm run screenshots`: takes the screenshots of the live page in docs/images, with the example under load, in Chromium.
// `--seconds <n>`: how long the example runs before the first one. @default 70
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { reduceColors } from './reduce-colors.mjs';
import { root } from './run.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '70' } } });
const folder = join(root, 'docs/images');
mkdirSync(folder, { recursive: true });

const example = spawn(
  process.execPath,
  ['--import', 'tsx', 'examples/calculator/main.ts', '--thrift-port', '0', '--metrics-port', '0'],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  const url = await addressOf(example);
  await sleep(Number(values.seconds) * 1000);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  for (const theme of ['light', 'dark']) {
    await takeScreenshot(browser, url, theme, { width: 1100, height: 780 }, `page-${theme}.png`);
  }
  await takeScreenshot(browser, url, 'light', { width: 360, height: 780 }, 'page-phone.png');
  await takeScreenshotsOfMethod(browser, url, {
    '.time': 'page-time.png',
    '.kept-calls': 'page-calls.png',
  });
  await browser.close();
} finally {
  example.kill('SIGTERM');
  await once(example, 'close');
}

async function addressOf({ stdout }) {
  let written = '';
  for await (const text of stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    written += text;
    const match = /^page +(\S+)$/m.exec(written);
    if (match !== null) return match[1];
  }
  throw new Error(`the example ended early: ${written}`);
}

/** Takes screenshots of sections of an open method, by their selectors. */
async function takeScreenshotsOfMethod(browser, url, names) {
  // High enough to show all of it without scrolling, which would move the headings of the table over it.
  const page = await browser.newPage({ viewport: { width: 1100, height: 3000 } });
  await page.goto(`${url}?open=Calculator/factorize`);
  await page.locator('.kept-calls td').first().waitFor();
  for (const [selector, name] of Object.entries(names)) {
    const { x, y, width, height } = await page.locator(selector).boundingBox();
    const clip = { x: x - 8, y: y - 4, width: width + 16, height: Math.min(height + 8, 396) };
    writeFileSync(join(folder, name), reduceColors(await page.screenshot({ clip })));
  }
  await page.close();
}

async function takeScreenshot(browser, url, colorScheme, viewport, name) {
  const page = await browser.newPage({ viewport, colorScheme });
  page.on('console', (message) => console.error(message.text()));
  await page.goto(url);
  const wide = viewport.width > 1000;
  if (wide) {
    await page.getByRole('button', { name: 'Calculator.factorize' }).click();
    await page.locator('.detail .budgets').waitFor();
    await page.mouse.move(0, 0);
  } else await page.locator('.line').first().waitFor();
  writeFileSync(join(folder, name), reduceColors(await page.screenshot()));
  await page.close();
}
