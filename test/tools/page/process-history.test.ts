import { expect, test } from 'vitest';

import { ProcessHistory } from '../../../src/tools/page/process-history';

test('the use of the event loop since the previous sample is the one that Node.js measures', async () => {
  const history = new ProcessHistory(3, 0);
  try {
    history.record(0, 0);
    const before = performance.eventLoopUtilization();
    const end = performance.now() + 300;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 300));
    history.record(600, 1);
    const measured = performance.eventLoopUtilization(before).utilization;
    expect(history.knowsUtilization).toBe(true);
    expect(measured).toBeGreaterThan(0.2);
    expect(measured).toBeLessThan(1);
    expect(Math.abs(history.utilization.at(1) - measured)).toBeLessThan(0.05);
  } finally {
    history.close();
  }
});
