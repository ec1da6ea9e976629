import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  CLUSTER_CALL,
  isClusterCall,
  parseMessage,
} from '../../../src/scrape/workers/worker-messages';
import { KINDS, Workers } from './start-workers';

const chunk = { type: 'thrift-metrics.3:chunk', threadId: 1, id: 1, index: 0 };
const metric = {
  name: 'thrift_server_requests_total',
  help: 'x',
  type: 'counter',
  aggregator: 'sum',
  values: [{ labels: {}, value: 1000 }],
};

const STRANGE: readonly object[] = [
  {},
  { type: 'own', id: 1 },
  // Messages of version 1, and of another version.
  { type: 'thrift-metrics:request', id: 1 },
  { type: 'thrift-metrics:hello', threadId: 77 },
  { type: 'thrift-metrics:answer', id: 1, threadId: 77, metrics: [metric] },
  { ...chunk, type: 'thrift-metrics.4:chunk', kind: 'families', body: '[]' },
  // Messages whose content does not match their type.
  { type: 'thrift-metrics.3:request' },
  { type: 'thrift-metrics.3:request', id: -1, index: 0 },
  { type: 'thrift-metrics.3:hello', threadId: '1' },
  { ...chunk, id: 0.5, kind: 'families', body: '[]' },
  { ...chunk, kind: 'families' },
  { ...chunk, kind: '__proto__', body: '[]' },
  { ...chunk, kind: 'families', body: [metric] },
  { ...chunk, threadId: null, kind: 'families', body: '[]' },
  { ...chunk, id: '1', kind: 'families', body: '[]' },
  { ...chunk, index: -1, kind: 'families', body: '[]' },
  { ...chunk, kind: 'families', body: 1 },
  { type: 'thrift-metrics.3:request', id: 1, index: 0.5 },
  { type: 'thrift-metrics.3:request', id: 1, index: 0, subject: 'other' },
  { type: 'thrift-metrics.3:hello', threadId: 1, endpoint: -1 },
  { type: 'thrift-metrics.3:hello', threadId: 1, endpoint: 'other' },
  { type: 'thrift-metrics.3:child', threadId: 1, parent: 0 },
  { type: 'thrift-metrics.3:child', threadId: 1, parent: -1, isRunning: true },
  { type: 'thrift-metrics.3:child', threadId: '1', parent: 0, isRunning: true },
  // The name of an instance becomes the name of a file.
  { type: 'thrift-metrics.3:sibling' },
  { type: 'thrift-metrics.3:sibling', instance: ['12-a'] },
  ...['', 'a', '12', '12-', '-a', 'a-b', '12-a/b', '../12-a', '12-a/..', ` 12-a`, '12-a\n'].map(
    (instance) => ({ type: 'thrift-metrics.3:sibling', instance }),
  ),
  { type: 'thrift-metrics.3:sibling', instance: `12-${'a'.repeat(81)}` },
];

const KNOWN: readonly object[] = [
  { type: 'thrift-metrics.3:request', id: 1, index: 0 },
  { type: 'thrift-metrics.3:request', id: 0, index: 3, subject: 'calls' },
  { type: 'thrift-metrics.3:request', id: 1, index: 0, subject: 'bare calls' },
  ...['families', 'userMetrics', 'end', 'calls'].map((kind) => ({ ...chunk, kind, body: '' })),
  { type: 'thrift-metrics.3:hello', threadId: 0 },
  { type: 'thrift-metrics.3:hello', threadId: 2, endpoint: 9000 },
  { type: 'thrift-metrics.3:hello', threadId: 2, endpoint: 'claimed' },
  { type: 'thrift-metrics.3:child', threadId: 2, parent: 1, isRunning: false },
  { type: 'thrift-metrics.3:sibling', instance: '7-b' },
  { type: 'thrift-metrics.3:sibling', instance: `1234-a_B.9-${'c'.repeat(74)}` },
  { type: 'thrift-metrics.3:call' },
];

describe('parseMessage', () => {
  it.each([...STRANGE, null, undefined, 'thrift-metrics.3:chunk', 2])(
    'a message that is malformed or of another version is not parsed: %j',
    (message) => {
      expect(parseMessage(message)).toBeNull();
    },
  );

  it.each(KNOWN)('a message is parsed: %j', (message) => {
    expect(parseMessage(message)).toBe(message);
  });
});

describe('isClusterCall', () => {
  it.each([null, undefined, 'NODE_THRIFT_METRICS_CALL_3', {}, { cmd: 'NODE_OTHER' }])(
    'another message is not a call: %j',
    (message) => {
      expect(isClusterCall(message)).toBe(false);
    },
  );

  it('a call is one, and Node.js keeps it from the application', () => {
    expect(isClusterCall({ cmd: CLUSTER_CALL.cmd })).toBe(true);
    expect(CLUSTER_CALL.cmd).toMatch(/^NODE_/);
  });
});

describe.each(KINDS)('%s', (kind) => {
  let workers: Workers;
  beforeEach(() => {
    workers = new Workers(kind);
  });
  afterEach(() => workers.stop());

  it('workers and the main process ignore unknown messages', async () => {
    await workers.fork(2);
    for (const to of [0, 1]) await workers.tell({ to, times: 5, say: STRANGE });
    expect(await workers.sum('thrift_server_requests_total')).toBe(10);
    for (const to of [0, 1]) await workers.tell({ to, say: STRANGE });
    expect(await workers.sum('thrift_server_requests_total')).toBe(10);
  });
});
