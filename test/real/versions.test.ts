import { expect, inject, test } from 'vitest';

import { readPage } from '../docs/markdown';
import { isAtLeast, versionOf } from '../support/prometheus-version';

const PAGE = 'docs/reference/compatibility.md';

/** The cells of the table row of a program: its name, and the oldest to the newest version. */
function rowOf(program: string): string[] {
  const line = readPage(PAGE)
    .split('\n')
    .find((each) => each.startsWith(`| ${program} |`));
  return line?.split('|').map((cell) => cell.trim()) ?? [];
}

const COLUMN = { system: 2, middle: 3, newest: 4 };

test.each([
  ['Prometheus, promtool', ['prometheus', 'promtool']],
  ['Alertmanager, amtool', ['prometheus-alertmanager', 'amtool']],
])('docs/reference/compatibility.md has the version of %s that these tests start', (row, names) => {
  const version = inject('prometheus');
  const documented = rowOf(row)[COLUMN[version]] ?? '';
  for (const name of names) {
    const started = versionOf(name);
    // Debian's testing suite moves on. The page then names the oldest of the versions that it had.
    if (version === 'newest')
      expect(isAtLeast(started, documented), `${name} ${started}`).toBe(true);
    else expect(`${started}.`).toContain(`${documented}.`);
  }
});
