import cluster, { type Worker } from 'node:cluster';

import { onTestFinished } from 'vitest';

import { Runtime, RUNTIME_KEY } from '../../../src/runtime/runtime';
import { peerGroupOf } from '../../../src/scrape/workers/peer-group';

type Kind = 'families' | 'userMetrics';

/** Workers of one process have different ids, also across tests. */
let lastId = 1000;

/** A cluster worker without a process. It announces itself, and answers each request with what a test says. */
export class SimulatedWorker {
  /** The requests for the first chunk of a report. */
  asked = 0;
  private readonly worker: Worker;

  constructor(private readonly report: Readonly<Partial<Record<Kind, readonly object[]>>>) {
    const id = ++lastId;
    this.worker = {
      id,
      process: { pid: id },
      isConnected: () => true,
      send: (request: { id: number; index: number }) => {
        setImmediate(() => this.answer(request));
        return true;
      },
    } as unknown as Worker;
    this.say({ type: 'thrift-metrics.3:hello', threadId: 0 });
  }

  end(): void {
    cluster.emit('disconnect', this.worker);
  }

  private answer({ id, index }: { id: number; index: number }): void {
    if (index === 0) this.asked++;
    const chunks = (['families', 'userMetrics'] as const).flatMap((kind) =>
      this.report[kind] === undefined ? [] : [{ kind, body: JSON.stringify(this.report[kind]) }],
    );
    const chunk = chunks[index] ?? { kind: 'end', body: '' };
    this.say({ type: 'thrift-metrics.3:chunk', threadId: 0, id, index, ...chunk });
  }

  private say(message: object): void {
    cluster.emit('message', this.worker, message);
  }
}

/** Starts a test with a runtime of its own, which listens to workers and has none. */
export async function createRuntime(): Promise<Runtime> {
  const holder = globalThis as { [RUNTIME_KEY]?: Runtime };
  const before = holder[RUNTIME_KEY];
  const listeners = process.rawListeners('worker');
  const runtime = new Runtime();
  holder[RUNTIME_KEY] = runtime;
  onTestFinished(() => {
    if (before !== undefined) holder[RUNTIME_KEY] = before;
    for (const listener of process.rawListeners('worker')) {
      if (!listeners.includes(listener)) process.off('worker', listener as () => void);
    }
  });
  await peerGroupOf(runtime).discover();
  return runtime;
}
