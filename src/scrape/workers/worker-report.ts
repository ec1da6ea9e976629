import { threadId } from 'node:worker_threads';

import type { Runtime } from '../../runtime/runtime';
import { registryContents, type RegistryContents } from '../contents';
import { WORKER_METRIC_DEADLINE } from '../deadlines';
import { TimeBudget } from '../time-budget';
import { encodeFamilies } from './encoded-family';
import { encodeUserMetrics } from './encoded-user-metric';
import { collectSummable } from './user-metric-sum';
import { FINAL_REPORT, type Chunk } from './worker-messages';

type Content = Pick<Chunk, 'kind' | 'body'>;

const END: Content = { kind: 'end', body: '' };

/** The metrics of this process or thread, encoded chunk by chunk. Each chunk has its own turn of the event loop. */
export class WorkerReport {
  private readonly contents = this.encode();
  private readonly budget = new TimeBudget();
  private index = 0;

  constructor(
    private readonly runtime: Runtime,
    readonly id: number,
  ) {}

  async next(): Promise<Chunk> {
    // The request for this chunk may arrive in the same turn in which the one before it was encoded.
    if (this.index > 0) await this.budget.yield();
    const { value } = await this.contents.next();
    return createChunk(this.id, this.index++, value ?? END);
  }

  private async *encode(): AsyncGenerator<Content> {
    const contents = registryContents(this.runtime);
    // Collects the user's metrics while the families of this package are sent.
    const userMetrics = collectSummable(this.runtime.faults, contents, WORKER_METRIC_DEADLINE);
    yield* familyContents(contents);
    for (const body of encodeUserMetrics(await userMetrics)) yield { kind: 'userMetrics', body };
  }
}

/**
 * The report of a process or thread that is about to end and can no longer wait. It has the families of this package, but
 * not the user's metrics, which may be collected asynchronously.
 */
export function* finalReport(runtime: Runtime): Generator<Chunk> {
  const contents = registryContents(runtime);
  if (contents.families.length === 0) return;
  let index = 0;
  for (const content of familyContents(contents)) {
    yield createChunk(FINAL_REPORT, index++, content);
  }
  yield createChunk(FINAL_REPORT, index, END);
}

function* familyContents({
  families,
  familyLabels,
  labelNames,
}: RegistryContents): Generator<Content> {
  for (const encoded of encodeFamilies(families, familyLabels, labelNames)) {
    yield { kind: 'families', body: JSON.stringify(encoded) };
  }
}

function createChunk(id: number, index: number, { kind, body }: Content): Chunk {
  return { type: 'thrift-metrics.3:chunk', threadId, id, index, kind, body };
}
