import { afterEach, test, vi } from 'vitest';

import { check } from './check.js';

afterEach(() => vi.useRealTimers());

test('metrics are rendered and served', async () => {
  vi.useFakeTimers();
  await check();
}, 10_000);
