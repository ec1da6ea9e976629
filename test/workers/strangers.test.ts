import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { parseMessage } from '../../src/scrape/workers/messages';
import { KINDS, Workers } from './start-workers';

const piece = { type: 'thrift-metrics.2:piece', threadId: 1, id: 1, index: 0 };
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
  { ...piece, type: 'thrift-metrics.3:piece', kind: 'families', body: '[]' },
  // Messages whose content does not match their type.
  { type: 'thrift-metrics.2:request' },
  { type: 'thrift-metrics.2:request', id: -1, index: 0 },
  { type: 'thrift-metrics.2:hello', threadId: '1' },
  { ...piece, id: 0.5, kind: 'families', body: '[]' },
  { ...piece, kind: 'families' },
  { ...piece, kind: '__proto__', body: '[]' },
  { ...piece, kind: 'families', body: [metric] },
  { ...piece, threadId: null, kind: 'families', body: '[]' },
];

describe('parseMessage', () => {
  it.each([...STRANGE, null, undefined, 'thrift-metrics.2:piece', 2])(
    'a message that is malformed or of another version is not parsed: %j',
    (message) => {
      expect(parseMessage(message)).toBeNull();
    },
  );
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
