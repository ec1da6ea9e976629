import { beforeEach, expect, test } from 'vitest';

import { configureMetrics, Instrumented } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { callsOfThis, ownCalls } from '../../../src/scrape/workers/own-calls';
import { Peer } from '../../../src/scrape/workers/peer';
import { PeerSet } from '../../../src/scrape/workers/peer-set';

const runtime = currentRuntime();
const THIS = { pid: process.pid, worker: null, thread: 0 };

@Instrumented({ service: 'Orders' })
class Orders {
  async place(_id: string, until: Promise<void>): Promise<void> {
    await until;
  }
}

beforeEach(() => configureMetrics({ calls: { arguments: ({ args }) => String(args[0]) } }));

test('the calls of this process come first, and then those of its workers', async () => {
  const own = new PeerSet(runtime);
  const process = { pid: 7, worker: 1, thread: 0 };
  const peer: Peer = new Peer(({ id }) => {
    const body = JSON.stringify([{ process, read: null }]);
    const type = 'thrift-metrics.3:chunk';
    queueMicrotask(() => peer.receive({ type, threadId: 0, id, index: 0, kind: 'calls', body }));
  });
  own.peers.add(peer);
  expect((await ownCalls(runtime, own, 'calls')).map((calls) => calls.process)).toEqual([
    THIS,
    process,
  ]);
});

test('bare calls are those without arguments', async () => {
  let settle!: () => void;
  const call = new Orders().place('of 1', new Promise((resolve) => (settle = resolve)));
  const argumentsIn = (subject: 'calls' | 'bare calls'): unknown[] | undefined =>
    callsOfThis(runtime, subject).read?.inProgress.map((each) => each.arguments);
  expect(argumentsIn('calls')).toEqual(['of 1']);
  expect(argumentsIn('bare calls')).not.toContain('of 1');
  expect(argumentsIn('bare calls')).toHaveLength(1);
  settle();
  await call;
});
