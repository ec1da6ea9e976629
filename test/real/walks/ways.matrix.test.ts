import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { walk } from '../../../scripts/walk/walk';
import { WAYS } from '../../../scripts/walk/ways';
import { packedPackage } from '../../consumers/projects';
import { INIT_TYPESCRIPT, makePackedClone } from './project';
import { Reader } from './reader';

// The commands include installations by npm, which take minutes with a cold cache.
const TIMEOUT = 600_000;

const thePackage = packedPackage();

test.each(WAYS)(
  'what `npm run walk` types leads to an alert, and compiles: $name',
  async (way) => {
    const folder = join(makePackedClone(thePackage, `way-${WAYS.indexOf(way)}`), '../service');

    const { scrape, alert } = await walk(way, folder);

    expect(alert).toBeGreaterThan(scrape);
    const reader = new Reader(folder);
    onTestFinished(() => reader.leave());
    await reader.run(INIT_TYPESCRIPT);
    await reader.run('npx tsc --noEmit');
  },
  TIMEOUT,
);
