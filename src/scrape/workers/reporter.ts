import type { FaultSink } from '../../recording/guards';
import { type CallsSubject, type Chunk, IDS_PER_THREAD, parseMessage } from './worker-messages';
import { callsChunk, type ProcessCalls } from './worker-calls';
import { type Contents, WorkerReport } from './worker-report';

/** Number of processes and threads for which one writes reports at the same time. */
const MAX_REQUESTERS = 16;

/** Reports metrics to another process or thread, chunk by chunk, on request. */
export class Reporter {
  /** Whether a report was requested. */
  wasRequested = false;
  /** The latest report for each process or thread that requests them. */
  private readonly byRequester = new Map<number, WorkerReport>();

  /**
   * @param begin creates the contents of a report
   * @param calls returns the calls of this process or thread, and of those that report to it, or null if they are not known
   */
  constructor(
    private readonly faults: FaultSink,
    private readonly begin: () => Contents,
    private readonly calls: (subject: CallsSubject) => Promise<readonly ProcessCalls[] | null>,
  ) {}

  /** Sends the next chunk of a report if the message requests it. Never throws. */
  async receive(message: unknown, send: (chunk: Chunk) => void): Promise<void> {
    const request = parseMessage(message);
    if (request?.type !== 'thrift-metrics.3:request') return;
    this.wasRequested = true;
    try {
      const { id, index, subject } = request;
      if (subject !== undefined) {
        send(callsChunk(id, await this.calls(subject)));
        return;
      }
      if (index === 0) this.start(id);
      const requester = requesterOf(id);
      const report = this.byRequester.get(requester);
      // A requester that has begun the next report no longer reads this one.
      if (report?.id !== id) return;
      const chunk = await report.next();
      if (chunk.kind === 'end' && this.byRequester.get(requester) === report) {
        this.byRequester.delete(requester);
      }
      send(chunk);
    } catch (error) {
      this.faults.report('worker', error);
    }
  }

  private start(id: number): void {
    const { byRequester } = this;
    const requester = requesterOf(id);
    byRequester.delete(requester);
    byRequester.set(requester, new WorkerReport(id, this.begin()));
    for (const oldest of byRequester.keys()) {
      if (byRequester.size <= MAX_REQUESTERS) break;
      byRequester.delete(oldest);
    }
  }
}

/** Each process or thread that shares a channel has a range of ids of its own. */
function requesterOf(id: number): number {
  return Math.floor(id / IDS_PER_THREAD);
}
