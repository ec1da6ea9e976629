/**
 * Environment variable with the process ID of a primary that receives reports from its cluster workers. The number is the
 * version of the messages below and of everything in them: versions of this package with different numbers ignore each
 * other.
 */
export const PRIMARY_VARIABLE = 'THRIFT_METRICS_PRIMARY_3';

/** The id of a final report, which a worker sends without a request when it ends. */
export const FINAL_REPORT = 0;

/** More requests than one thread sends. */
export const IDS_PER_THREAD = 2 ** 32;

/** Requests a chunk of a report from a worker. The request for the first chunk starts the report. */
export interface Request {
  readonly type: 'thrift-metrics.3:request';
  readonly id: number;
  readonly index: number;
  /** Requests the calls of a worker, in one chunk, instead of its metrics. */
  readonly subject?: CallsSubject | undefined;
}

/** The calls of a worker, or the calls without their arguments, messages and stacks. */
export type CallsSubject = 'calls' | 'bare calls';

/** A chunk of a report. Each chunk but those of a final report is requested after the one before it has arrived. */
export interface Chunk {
  readonly type: 'thrift-metrics.3:chunk';
  /** Identifies a thread. A process is identified by its channel. */
  readonly threadId: number;
  readonly id: number;
  readonly index: number;
  /**
   * Whether the body has families of this package, the user's metrics, or nothing because the report has ended. The calls of a
   * worker are a report of one chunk.
   */
  readonly kind: 'families' | 'userMetrics' | 'end' | 'calls';
  /** JSON, parsed when it is needed. */
  readonly body: string;
}

/**
 * Announces a thread or cluster worker when it loads this package, and again after each {@link Call}. The main thread answers
 * the call of a thread with it.
 */
export interface Hello {
  readonly type: 'thrift-metrics.3:hello';
  readonly threadId: number;
  /** The port on which the worker wants its metrics served, or that its program serves them itself. */
  readonly endpoint?: number | 'claimed' | undefined;
}

/** Announces a cluster worker to the others of its cluster that it is connected to. */
interface Sibling {
  readonly type: 'thrift-metrics.3:sibling';
  /** Identifies the process among all that this machine has had. */
  readonly instance: string;
}

/** Asks threads that have already started to announce themselves. */
export interface Call {
  readonly type: 'thrift-metrics.3:call';
}

/**
 * Asks cluster workers to announce themselves. It goes to workers that may not have this package, and whose listeners may
 * fail on a message that they do not know, so a plain message, as the client library's own aggregation sends, will not do.
 * Node.js emits messages whose `cmd` starts with `NODE_` as `internalMessage` instead of `message`, and its own listeners
 * ignore those that they do not know. It reserves the prefix and advises against it:
 * https://nodejs.org/api/child_process.html#subprocesssendmessage-sendhandle-options-callback
 * Without it, only workers that started before this package was loaded in the primary would stay unknown, and
 * `test/scrape/workers/late-primary.test.ts` would fail. All other messages go to processes that have this package.
 */
export const CLUSTER_CALL = { cmd: 'NODE_THRIFT_METRICS_CALL_3' } as const;

/** The event of messages that Node.js keeps from the application. */
export const INTERNAL_MESSAGE = 'internalMessage';

export function isClusterCall(message: unknown): boolean {
  return (message as { readonly cmd?: unknown } | null)?.cmd === CLUSTER_CALL.cmd;
}

/**
 * Says that a thread has started another thread, or that this one has ended. The main thread gets no event for a thread that it
 * has not started, and a thread that is terminated sends no final report.
 */
export interface Child {
  readonly type: 'thrift-metrics.3:child';
  readonly threadId: number;
  readonly parent: number;
  readonly isRunning: boolean;
}

export type WorkerMessage = Request | Chunk | Hello | Sibling | Call | Child;

type Unknown<T> = { readonly [K in keyof T]?: unknown };

/** Returns null for any other message, because the application uses the same channels. */
export function parseMessage(message: unknown): WorkerMessage | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, id, index, threadId, endpoint, instance, subject, parent, isRunning } =
    message as Unknown<Omit<Request & Chunk & Hello & Sibling & Child, 'type'> & { type: unknown }>;
  switch (type) {
    case 'thrift-metrics.3:request':
      return isCount(id) && isCount(index) && isSubject(subject) ? (message as Request) : null;
    case 'thrift-metrics.3:chunk':
      return isCount(id) && isCount(index) && isCount(threadId) && hasContent(message)
        ? (message as Chunk)
        : null;
    case 'thrift-metrics.3:hello':
      return isCount(threadId) && isEndpoint(endpoint) ? (message as Hello) : null;
    case 'thrift-metrics.3:sibling':
      return isInstance(instance) ? (message as Sibling) : null;
    case 'thrift-metrics.3:call':
      return message as Call;
    case 'thrift-metrics.3:child':
      return isCount(threadId) && isCount(parent) && typeof isRunning === 'boolean'
        ? (message as Child)
        : null;
    default:
      return null;
  }
}

function hasContent({ kind, body }: Unknown<Chunk>): boolean {
  return (
    (kind === 'families' || kind === 'userMetrics' || kind === 'end' || kind === 'calls') &&
    typeof body === 'string'
  );
}

function isSubject(value: unknown): boolean {
  return value === undefined || value === 'calls' || value === 'bare calls';
}

function isEndpoint(value: unknown): boolean {
  return value === undefined || value === 'claimed' || isCount(value);
}

/** Whether a value is the name of an instance, which becomes the name of a file. */
export function isInstance(value: unknown): value is string {
  return typeof value === 'string' && /^\d+-[\w.-]{1,80}$/.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
