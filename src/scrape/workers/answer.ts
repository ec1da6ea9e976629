import { threadId } from 'node:worker_threads';

import type { Runtime } from '../../runtime/runtime';
import { WORKER_METRICS_DEADLINE } from '../deadlines';
import { registryContents, type RegistryContents } from '../contents';
import { TimeBudget } from '../time-budget';
import { encodeFamilies } from './family-code';
import { FINAL_REPORT, parseMessage, type Chunk } from './messages';
import { collectUserMetrics, encodeUserMetrics } from './user-metric-code';

type Content = Pick<Chunk, 'kind' | 'body'>;

const END: Content = { kind: 'end', body: '' };

/** What this process or thread has, made chunk by chunk, in between of which the event loop is others'. */
export class Answer {
  private readonly chunks = this.make();
  private readonly budget = new TimeBudget();
  private index = 0;

  constructor(
    private readonly runtime: Runtime,
    readonly id: number,
  ) {}

  async next(): Promise<Chunk> {
    // The request for a chunk may be there before the turn in which the one before was made is over.
    if (this.index > 0) await this.budget.yield();
    const { value } = await this.chunks.next();
    return createChunk(this.id, this.index++, value ?? END);
  }

  private async *make(): AsyncGenerator<Content> {
    const contents = registryContents(this.runtime);
    // Begun now: who waits for something has its time while our families are sent.
    const userMetrics = collectUserMetrics(this.runtime.faults, contents, WORKER_METRICS_DEADLINE);
    yield* families(contents);
    for (const body of encodeUserMetrics(await userMetrics)) yield { kind: 'userMetrics', body };
  }
}

/** All that can be had at once, by who is about to end: the families of this package. */
export function* finalReport(runtime: Runtime): Generator<Chunk> {
  const contents = registryContents(runtime);
  if (contents.families.length === 0) return;
  let index = 0;
  for (const content of families(contents)) yield createChunk(FINAL_REPORT, index++, content);
  yield createChunk(FINAL_REPORT, index, END);
}

function* families(contents: RegistryContents): Generator<Content> {
  for (const encoded of encodeFamilies(contents.families, contents.defaultLabels)) {
    yield { kind: 'families', body: JSON.stringify(encoded) };
  }
}

function createChunk(id: number, index: number, { kind, body }: Content): Chunk {
  return { type: 'thrift-metrics.3:chunk', threadId, id, index, kind, body };
}

/** Answers whoever serves the metrics of all. */
export class Answers {
  /** Whether anybody has asked. */
  wasAsked = false;
  private current: Answer | null = null;

  constructor(private readonly runtime: Runtime) {}

  /** Replies with the next chunk, if the message asks for one. */
  async answer(message: unknown, reply: (chunk: Chunk) => void): Promise<void> {
    const request = parseMessage(message);
    if (request?.type !== 'thrift-metrics.3:request') return;
    this.wasAsked = true;
    try {
      if (request.index === 0) this.current = new Answer(this.runtime, request.id);
      // Nobody waits any more for an answer that was begun before another.
      if (this.current?.id === request.id) reply(await this.current.next());
    } catch (error) {
      this.runtime.faults.report('worker', error);
    }
  }

  /** Sends at once what was counted, since this process or thread is about to end. Never throws. */
  sendFinalReport(send: (chunk: Chunk) => void): void {
    try {
      for (const chunk of finalReport(this.runtime)) send(chunk);
    } catch (error) {
      this.runtime.faults.report('worker', error);
    }
  }
}
