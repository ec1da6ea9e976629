import type { Runtime } from '../../runtime/runtime';
import { parseMessage, type Chunk } from './worker-messages';
import { finalReport, WorkerReport } from './worker-report';

/** Reports the metrics of this worker to the process or thread that serves the metrics. */
export class Reporter {
  /** Whether a report was requested. */
  wasRequested = false;
  private current: WorkerReport | null = null;

  constructor(private readonly runtime: Runtime) {}

  /** Sends the next chunk of a report if the message requests it. Never throws. */
  async receive(message: unknown, send: (chunk: Chunk) => void): Promise<void> {
    const request = parseMessage(message);
    if (request?.type !== 'thrift-metrics.3:request') return;
    this.wasRequested = true;
    try {
      if (request.index === 0) this.current = new WorkerReport(this.runtime, request.id);
      // A report that was started before the current one is no longer expected.
      if (this.current?.id === request.id) send(await this.current.next());
    } catch (error) {
      this.runtime.faults.report('worker', error);
    }
  }

  /** Sends the final report synchronously. Never throws. */
  sendFinalReport(send: (chunk: Chunk) => void): void {
    try {
      for (const chunk of finalReport(this.runtime)) send(chunk);
    } catch (error) {
      this.runtime.faults.report('worker', error);
    }
  }
}
