import type { Reporter } from './reporter';
import type { Hello } from './worker-messages';

/** What the processes and threads that report to this one may want from it. */
export interface PeerHost {
  /** Creates what sends them the sum over all. */
  createReporter(): Reporter;
  /** Called when one of them announces where the metrics are to be served. */
  announced(endpoint: Hello['endpoint']): void;
}
