import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from '../../test/docs/markdown';
import { walk } from './walk';
import { WAYS, type Way } from './ways';
import { writeTable } from './write-table';

async function main(): Promise<void> {
  if (process.argv.includes('--count')) {
    console.log(writeTable(WAYS, () => ['', '']));
    return;
  }
  const parent = mkdtempSync(join(tmpdir(), 'walk-'));
  try {
    packInto(join(parent, 'thrift-metrics'));
    const minutes = new Map<Way, [scrape: string, alert: string]>();
    for (const [i, way] of WAYS.entries()) {
      console.error(`${way.name} …`);
      // oxlint-disable-next-line no-await-in-loop -- one after the other, because time is measured
      const { scrape, alert } = await walk(way, join(parent, `way-${i}`));
      minutes.set(way, [inMinutes(scrape), inMinutes(alert)]);
    }
    console.log(writeTable(WAYS, (way) => minutes.get(way) ?? ['', '']));
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** Packs the package as in a clone. This is not part of the time: the alternatives come from the registry. */
function packInto(clone: string): void {
  mkdirSync(clone);
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', clone];
  execFileSync('npm', pack, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

const inMinutes = (seconds: number): string => (seconds / 60).toFixed(1);

void main();
