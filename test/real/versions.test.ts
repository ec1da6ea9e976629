import { expect, inject, test } from 'vitest';

import { documentedVersion } from '../support/documented-version';
import { isAtLeast, versionOf } from '../support/prometheus-version';

test.each([
  ['Prometheus, promtool', ['prometheus', 'promtool']],
  ['Alertmanager, amtool', ['prometheus-alertmanager', 'amtool']],
])(
  'docs/reference/compatibility.md has the version of %s that these tests start',
  (row, programs) => {
    const which = inject('prometheus');
    const documented = documentedVersion(row, which);
    for (const program of programs) {
      const started = versionOf(program);
      // Debian's testing suite moves on. The page then names the oldest of the versions that it had.
      if (which === 'newest') expect(isAtLeast(started, documented), started).toBe(true);
      else expect(started.startsWith(`${documented}.`), started).toBe(true);
    }
  },
);
