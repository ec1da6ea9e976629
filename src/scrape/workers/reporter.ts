import type { FaultSink } from '../../recording/guards';
import { type CallsSubject, parseMessage, type Chunk } from './worker-messages';
import { callsChunk, type ProcessCalls } from './worker-calls';
import { type Contents, WorkerReport } from './worker-report';

/** Number of reports that a process or thread writes at the same time for those that request them. */
const MAX_REPORTS = 16;

/** Reports metrics to another process or thread, chunk by chunk, on request. */
export class Reporter {
  /** Whether a report was requested. */
  wasRequested = false;
  private readonly reports = new Map<number, WorkerReport>();

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
      const report = this.reports.get(id);
      // A report that many others have followed is no longer expected.
      if (report === undefined) return;
      const chunk = await report.next();
      if (chunk.kind === 'end') this.reports.delete(id);
      send(chunk);
    } catch (error) {
      this.faults.report('worker', error);
    }
  }

  private start(id: number): void {
    const { reports } = this;
    reports.delete(id);
    reports.set(id, new WorkerReport(id, this.begin()));
    for (const oldest of reports.keys()) {
      if (reports.size <= MAX_REPORTS) break;
      reports.delete(oldest);
    }
  }
}
