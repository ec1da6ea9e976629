import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { scrape, scrapeWhenOpen } from './call-calculator';
import { Arrangement, AUTO } from './start-arrangement';

test('a method under auto has as many lines in a scrape as the documentation says', async () => {
  const env = { KIND: 'threads', NODE_OPTIONS: `--require=${AUTO}` };
  const { byWorker, metrics } = await Arrangement.start(env, 1);
  await scrapeWhenOpen(metrics);
  await byWorker[0]?.call(2);
  const { text } = await scrape(metrics);
  const page = readFileSync(join(__dirname, '../../docs/explanation/cardinality.md'), 'utf8');
  const documented = Number(/^\| a method of a server: .*\| (\d+) +\|$/m.exec(page)?.[1]);
  expect(text.split('\n').filter((line) => line.includes('thrift_method="add"'))).toHaveLength(
    documented,
  );
});
