import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { parseMessage } from '../../../src/scrape/workers/worker-messages';
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
];

describe('parseMessage', () => {
  it.each([...STRANGE, null, undefined, 'thrift-metrics.3:chunk', 2])(
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
