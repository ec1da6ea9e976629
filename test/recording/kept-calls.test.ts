import { expect, test, vi } from 'vitest';

import { CallChannel } from '../../src/recording/call-channel';
import { CallJournal } from '../../src/recording/call-journal';
import type { CallReference } from '../../src/recording/call-reference';
import {
  FAILED_PER_TYPE,
  KeptCalls,
  MOST_ERROR_TYPES,
  SLOW_PER_CLASS,
} from '../../src/recording/kept-calls';
import { ErrorReader } from '../../src/recording/error-details';
import { nanosecondsBetween, now, UNTIMED } from '../../src/metrics/clock';
import { SLOW, SLOW_FROM } from '../../src/metrics/latency-class';

function create(): { kept: KeptCalls; journal: CallJournal; report: () => void } {
  const report = vi.fn();
  const channel = new CallChannel('server', { report });
  const journal = new CallJournal(channel, { labels: null }, new ErrorReader({ report }), {
    report,
  });
  return { kept: new KeptCalls(journal, 'Calculator', 'add'), journal, report };
}

/**
 * Keeps a call that took `seconds`, if that is slow. The parts of its end are whole, as the clock returns them: a fraction of a
 * second that is added to a large start time loses its last digits.
 */
function succeed(
  kept: KeptCalls,
  start: [number, number],
  seconds: number,
  reference: CallReference | null = null,
): void {
  const nanoseconds = start[1] + Math.round(seconds * 1e9);
  const end: [number, number] = [start[0] + Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
  if (nanosecondsBetween(start, end) >= SLOW) kept.keepSlow(start, end, reference);
}

/** Resolves when the errors that have been kept are read. */
const turn = async (): Promise<void> => {};

const UNDECLARED = { kind: 'undeclared', type: 'Error' } as const;

function fail(kept: KeptCalls, type: string, second: number, error: unknown = new Error(type)) {
  kept.keepFailed({ ...UNDECLARED, type }, error, true, UNTIMED, [second, 0], null);
}

test.each([
  [0, -1],
  [0.009_99, -1],
  [0.01, 0],
  [0.0999, 0],
  [0.1, 1],
  [1, 2],
  [9.99, 2],
  [10, 3],
  [86_400, 3],
  [Number.NaN, -1],
])('a call of %d seconds is kept in latency class %d', (seconds, expected) => {
  // The second start is that of a machine that has run for years, just before a full second.
  for (const start of [now(), [123_456_789, 999_999_999]] as [number, number][]) {
    const { kept } = create();
    succeed(kept, start, seconds);
    const filled = kept.slowCalls().findIndex((calls) => calls.length > 0);
    expect(filled).toBe(expected);
  }
});

test('a latency class keeps the latest calls, and at most as many per second as it holds', () => {
  const { kept } = create();
  for (let second = 0; second < 5; second++) {
    for (let i = 0; i < 1000; i++) {
      succeed(kept, [1000 + second, 0], 0.5);
    }
  }
  expect(kept.slowCalls().map((calls) => calls.length)).toEqual([0, SLOW_PER_CLASS, 0, 0]);
  expect(kept.slowCalls()).toHaveLength(SLOW_FROM.length);
});

test('a call that began long ago and ends now is kept', () => {
  const { kept } = create();
  for (let i = 0; i < SLOW_PER_CLASS; i++) {
    succeed(kept, [100, 0], 11);
  }
  const writer = vi.fn(() => 'the old one');
  Object.assign(kept.journal, { writer });
  const reference = { served: null, args: [], published: null };
  succeed(kept, [0, 0], 130, reference);
  expect(kept.slowCalls()[3]?.map((call) => call.arguments)).toContain('the old one');
});

test('an error type keeps the latest calls, and at most as many per second as it holds', async () => {
  const { kept } = create();
  for (let i = 0; i < 100; i++) fail(kept, 'A', 1, new Error(`first ${i}`));
  for (let i = 0; i < 100; i++) fail(kept, 'A', 2, new Error(`second ${i}`));
  await turn();
  const messages = kept.failedCalls().map(({ error }) => error?.message);
  expect(messages).toHaveLength(FAILED_PER_TYPE);
  expect(messages.every((message) => message?.startsWith('second') === true)).toBe(true);
});

test('the error of a failed call is read after the code that threw it, where the stack is not full', async () => {
  const { kept } = create();
  let reads = 0;
  const formatBefore = Error.prepareStackTrace;
  Error.prepareStackTrace = (error) => {
    reads++;
    return `${String(error)}\n    at formatted`;
  };
  try {
    fail(kept, 'A', 1, new Error('out of stock'));
    expect(reads).toBe(0);
    expect(kept.failedCalls()).toMatchObject([
      { error: { type: 'A', message: null, stack: null } },
    ]);
    await turn();
  } finally {
    Error.prepareStackTrace = formatBefore;
  }
  expect(kept.failedCalls()).toMatchObject([
    { error: { type: 'A', message: 'out of stock', stack: 'at formatted' } },
  ]);
});

test('a new error type replaces the one that failed least recently, but none of this second', () => {
  const { kept } = create();
  for (let i = 0; i < MOST_ERROR_TYPES; i++) fail(kept, `T${i}`, 1 + i);
  const types = (): Set<string | undefined> =>
    new Set(kept.failedCalls().map(({ error }) => error?.type));
  fail(kept, 'new', 10);
  expect(types()).toContain('new');
  expect(types()).not.toContain('T0');
  for (let i = 0; i < 1000; i++) fail(kept, `flood ${i}`, 10);
  expect(types().size).toBe(MOST_ERROR_TYPES);
  const before = types();
  for (let i = 0; i < 1000; i++) fail(kept, `more ${i}`, 10);
  expect(types()).toEqual(before);
});

test('a fault while a call is described is reported and does not reach the call', () => {
  const { kept, journal, report } = create();
  Object.assign(journal, {
    originOf: () => {
      throw new Error('fault');
    },
  });
  fail(kept, 'A', 1);
  succeed(kept, now(), 1);
  expect(report).toHaveBeenCalledTimes(2);
});

test('nothing is kept while calls are off', () => {
  const { kept, journal } = create();
  journal.enabled = false;
  fail(kept, 'A', 1);
  succeed(kept, now(), 1);
  expect(kept.failedCalls()).toEqual([]);
  expect(kept.slowCalls().flat()).toEqual([]);
});
