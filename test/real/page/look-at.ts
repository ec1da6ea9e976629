import { readFileSync } from 'node:fs';

import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(require.resolve('axe-core'), 'utf8');

/** What axe finds in a page. */
export async function findings(page: Page): Promise<string[]> {
  // The policy of the page forbids scripts from elsewhere, but not those of the test.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
    return axe.run();
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/** What is wider than the window, and text that is wider than its cell, paragraph or control. */
export function overflows(page: Page): Promise<(string | null)[]> {
  return page.evaluate(() => {
    const texts =
      'td, th, dd, dt, p, li, h1, h2, h3, button, summary, pre, label, .tile, .tools > *';
    // A frame of a flame graph is as wide as its share of the time. Clipped texts are for screen readers.
    const isCutOnPurpose = (each: Element | null): boolean =>
      each !== null &&
      (each.matches('.flame-frame') ||
        getComputedStyle(each).clipPath !== 'none' ||
        isCutOnPurpose(each.parentElement));
    return [
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
      ...[...document.querySelectorAll(texts)]
        .filter((each) => each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1)
        .filter((each) => !isCutOnPurpose(each))
        .map((each) => `${each.getAttribute('data-column') ?? each.tagName}: ${each.textContent}`),
    ];
  });
}
