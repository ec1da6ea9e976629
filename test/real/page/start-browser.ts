import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}

export interface WatchedPage {
  readonly page: Page;
  /** What a page must not do: errors, console output, requests to other hosts, and policy violations. */
  readonly offences: string[];
}

/** Opens a page and watches it from its first request. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const offences: string[] = [];
  const { origin } = new URL(url);
  page.on('pageerror', (error) => offences.push(`error: ${error.message}`));
  page.on('console', (message) => offences.push(`console: ${message.text()}`));
  page.on('dialog', (dialog) => offences.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) offences.push(`request: ${request.url()}`);
  });
  await page.exposeFunction('tellOffence', (offence: string) => offences.push(offence));
  await page.addInitScript(() => {
    const { tellOffence } = globalThis as unknown as { tellOffence(offence: string): void };
    document.addEventListener('securitypolicyviolation', (event) =>
      tellOffence(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.goto(url);
  return { page, offences };
}
