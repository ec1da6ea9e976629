import { expect, test } from 'vitest';

import { processName } from '../../../../src/tools/page/browser/call-columns';

test.each([
  [{ pid: 7, worker: null, thread: 0 }, 'process 7'],
  [{ pid: 7, worker: 2, thread: 0 }, 'worker 2 (7)'],
  [{ pid: 7, worker: null, thread: 3 }, 'thread 3'],
  [{ pid: null, worker: null, thread: null }, 'an unknown process'],
])('the process of a call, %j, is called %s', (call, name) => {
  expect(processName(call)).toBe(name);
});
