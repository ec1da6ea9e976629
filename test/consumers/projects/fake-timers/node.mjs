import { test } from 'node:test';

import { check } from './check.js';

test('metrics are rendered and served', { timeout: 10_000 }, async ({ mock }) => {
  mock.timers.enable();
  await check();
});
