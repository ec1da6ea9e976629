import { test } from 'node:test';

import { check, start } from './check.js';

test('metrics are rendered and served', { timeout: 10_000 }, async ({ mock }) => {
  const waiting = start();
  mock.timers.enable();
  await check(waiting);
});
