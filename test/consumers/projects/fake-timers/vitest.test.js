import { afterEach, test, vi } from 'vitest';

import { check, start } from './check.js';

afterEach(() => vi.useRealTimers());

test('metrics are rendered and served', async () => {
  const waiting = start();
  vi.useFakeTimers();
  await check(waiting);
}, 10_000);
