import { threadId } from 'node:worker_threads';

import type { Runtime } from '../../runtime/runtime';
import { registryContents, type RegistryContents } from '../contents';
import { WORKER_METRIC_DEADLINE } from '../deadlines';
import { TimeBudget } from '../../runtime/time-budget';
import { encodeFamilies } from './encoded-family';
import { encodeUserMetrics } from './encoded-user-metric';
import type { WorkerValues } from './peer';
import { collectSummable } from './user-metric-sum';
import { FINAL_REPORT, type Chunk } from './worker-messages';

/** A part of a report. */
export interface Content {
  readonly kind: 'families' | 'userMetrics';
  readonly body: string;
}

/** The contents of a report, in the order in which they are sent. */
export type Contents = AsyncIterator<Content, unknown>;

const END = { kind: 'end', body: '' } as const;

/** The metrics of a process or thread, encoded chunk by chunk. Each chunk but the first has its own turn of the event loop. */
export class WorkerReport {
  private readonly budget = new TimeBudget();
  private index = 0;

  constructor(
    readonly id: number,
    private readonly contents: Contents,
  ) {}

  async next(): Promise<Chunk> {
    // The request for this chunk may arrive in the same turn in which the one before it was encoded.
    if (this.index > 0) await this.budget.yield();
    const { done, value } = await this.contents.next();
    return createChunk(this.id, this.index++, done === true ? END : value);
  }
}

/** The metrics of this process or thread, and the reports of those that report to it. */
export async function* ownContents(
  runtime: Runtime,
  collect: () => Promise<readonly WorkerValues[]>,
): AsyncGenerator<Content, undefined> {
  const contents = registryContents(runtime);
  // Collects everything else while the families of this package are sent.
  const userMetrics = collectSummable(runtime.faults, contents, WORKER_METRIC_DEADLINE);
  const reports = collect();
  // A failure is thrown below, unless the report is given up before.
  reports.catch(() => {});
  yield* familyContents(contents);
  for (const body of encodeUserMetrics(await userMetrics)) yield { kind: 'userMetrics', body };
  yield* reportedContents(await reports);
}

/** The contents of reports that have arrived. */
export function* reportedContents(reports: readonly WorkerValues[]): Generator<Content, undefined> {
  for (const { families, userMetrics } of reports) {
    for (const body of families) yield { kind: 'families', body };
    for (const body of userMetrics) yield { kind: 'userMetrics', body };
  }
}

/**
 * The report of a process or thread that is about to end and can no longer wait. It has the families of this package, and
 * the latest reports of those that report to it. It does not have its own user's metrics, which may be collected
 * asynchronously.
 */
export function* finalReport(
  runtime: Runtime,
  reports: readonly WorkerValues[],
): Generator<Chunk, undefined> {
  let index = 0;
  for (const content of finalContents(runtime, reports)) {
    yield createChunk(FINAL_REPORT, index++, content);
  }
  if (index > 0) yield createChunk(FINAL_REPORT, index, END);
}

/** The contents of {@link finalReport}. */
export function* finalContents(
  runtime: Runtime,
  reports: readonly WorkerValues[],
): Generator<Content, undefined> {
  yield* familyContents(registryContents(runtime));
  for (const content of reportedContents(reports)) {
    // The user's metrics of the whole report stay those of the previous one.
    if (content.kind === 'families') yield content;
  }
}

function* familyContents({
  families,
  familyLabels,
  labelNames,
}: RegistryContents): Generator<Content, undefined> {
  for (const encoded of encodeFamilies(families, familyLabels, labelNames)) {
    yield { kind: 'families', body: JSON.stringify(encoded) };
  }
}

function createChunk(
  id: number,
  index: number,
  { kind, body }: Pick<Chunk, 'kind' | 'body'>,
): Chunk {
  return { type: 'thrift-metrics.3:chunk', threadId, id, index, kind, body };
}
