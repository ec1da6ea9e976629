import { expect, test } from 'vitest';

import {
  type CallInProgress,
  type CallsRead,
  MOST_IN_PROGRESS,
} from '../../../src/runtime/calls/read-calls';
import { createCallsDocument } from '../../../src/tools/calls/calls-document';

const ANSWER = { time: 0, hidden: null, partial: null };
const ALL = { service: null, method: null, onlyInProgress: true };
const OF_RARE = { service: 'Shop', method: 'rare', onlyInProgress: true };

function callTo(method: string, age: number): CallInProgress {
  const origin = { peer: null, caller: null, queueSeconds: null, arguments: null, traceId: null };
  return { service: 'Shop', method, startedAt: 0, age, ...origin };
}

/** What a process answers that has these calls in progress. */
function processWith(calls: readonly CallInProgress[]) {
  const read: CallsRead = {
    enabled: true,
    total: calls.length,
    inProgress: calls.slice(0, MOST_IN_PROGRESS),
    settled: [],
    omitted: 0,
  };
  return { process: { pid: 1, worker: null, thread: 0 }, read };
}

test('the calls of one method are said to be incomplete if its process has more calls than it lists', () => {
  const old = Array.from({ length: MOST_IN_PROGRESS }, () => callTo('busy', 60));
  const processes = [processWith([...old, callTo('rare', 1)])];
  const { inProgress, partial } = createCallsDocument(processes, OF_RARE, ANSWER);
  expect(inProgress.total).toBe(0);
  expect(partial).toMatch(/^A process lists only its 100 oldest calls in progress, /);
});

test('the number of all calls in progress includes those that a process does not list', () => {
  const calls = Array.from({ length: MOST_IN_PROGRESS + 5 }, () => callTo('busy', 60));
  const document = createCallsDocument([processWith(calls)], ALL, ANSWER);
  expect(document).toMatchObject({ inProgress: { total: MOST_IN_PROGRESS + 5 }, partial: null });
});

test('the calls of one method are complete if its process lists all of its calls', () => {
  const calls = [callTo('busy', 60), callTo('rare', 1)];
  const document = createCallsDocument([processWith(calls)], OF_RARE, ANSWER);
  expect(document).toMatchObject({ inProgress: { total: 1 }, partial: null });
});

test('everything that is missing from an answer is said in it', () => {
  const calls = Array.from({ length: MOST_IN_PROGRESS + 1 }, () => callTo('busy', 60));
  const answer = { ...ANSWER, partial: 'These are not all processes.' };
  const { partial } = createCallsDocument([processWith(calls)], OF_RARE, answer);
  expect(partial).toMatch(/^These are not all processes\. A process lists only /);
});
