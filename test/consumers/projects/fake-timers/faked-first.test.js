import { afterEach, test, vi } from 'vitest';

vi.hoisted(() => vi.useFakeTimers());

import { check } from './check.js';

afterEach(() => vi.useRealTimers());

test('metrics are rendered and served if timers were faked before the package was loaded', async () => {
  await check();
}, 10_000);
