/**
 * What passes between processes and threads. The number is that of the messages below and of all that is in them:
 * versions of this package that differ in it do not hear one another.
 */
export const CHANNEL = 'thrift-metrics.workers.3';

/** Where a process that hears its cluster workers has its process id, for them to know. */
export const PRIMARY_VARIABLE = 'THRIFT_METRICS_PRIMARY_3';

/** The id of an answer that nobody asked for: what a worker that ends has counted. */
export const FINAL_REPORT = 0;

/** Asks a worker for a chunk of an answer; for the first one, to begin it. */
export interface Request {
  readonly type: 'thrift-metrics.3:request';
  readonly id: number;
  readonly index: number;
}

/** A chunk of an answer. A long answer has many, each asked for when the one before was taken in. */
export interface Chunk {
  readonly type: 'thrift-metrics.3:chunk';
  /** Among threads; a process is known by its channel. */
  readonly threadId: number;
  readonly id: number;
  readonly index: number;
  /** Families of this package, other metrics of the program, or that there is nothing more. */
  readonly kind: 'families' | 'userMetrics' | 'end';
  /** JSON, parsed when it is needed. */
  readonly body: string;
}

/** Said by a thread when it begins, and when it is called. */
export interface Hello {
  readonly type: 'thrift-metrics.3:hello';
  readonly threadId: number;
}

/** Calls the threads that have begun before. */
export interface Call {
  readonly type: 'thrift-metrics.3:call';
}

export type WorkerMessage = Request | Chunk | Hello | Call;

type Unknown<T> = { readonly [K in keyof T]?: unknown };

/** Other messages pass on the same channels, of any shape. */
export function parseMessage(message: unknown): WorkerMessage | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, id, index, threadId } = message as Unknown<Request & Chunk & Hello>;
  switch (type) {
    case 'thrift-metrics.3:request':
      return isCount(id) && isCount(index) ? (message as Request) : null;
    case 'thrift-metrics.3:chunk':
      return isCount(id) && isCount(index) && isCount(threadId) && hasContent(message)
        ? (message as Chunk)
        : null;
    case 'thrift-metrics.3:hello':
      return isCount(threadId) ? (message as Hello) : null;
    case 'thrift-metrics.3:call':
      return message as Call;
    default:
      return null;
  }
}

function hasContent({ kind, body }: Unknown<Chunk>): boolean {
  return (
    (kind === 'families' || kind === 'userMetrics' || kind === 'end') && typeof body === 'string'
  );
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
