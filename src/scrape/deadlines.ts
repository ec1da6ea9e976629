// Every time limit of a scrape in one place, so that a reader can see that they agree. The arrows say which limit must
// be shorter than which; `test/scrape/deadlines.test.ts` holds them.
//
//   TIME_BUDGET ◄ WORKER_METRICS_DEADLINE ◄ WORKER_CHUNK_DEADLINE ◄ WORKERS_DEADLINE ◄ METRIC_DEADLINE
//   METRIC_DEADLINE ≤ Prometheus's own scrape timeout ◄ LONGEST_SCRAPE_TIMEOUT ◄ LIMITS.idleTimeout ◄ LIMITS.responseTimeout

/** Milliseconds for which a scrape holds the event loop before it yields: the longest a call waits because of it. */
export const TIME_BUDGET = 0.1;

/** Milliseconds a worker waits for the user's own metrics. Shorter than the time in which its next chunk must come. */
export const WORKER_METRICS_DEADLINE = 800;

/** Milliseconds until the next chunk of a worker's answer must come: a tenth of Prometheus's default scrape timeout. */
export const WORKER_CHUNK_DEADLINE = 1000;

/** Milliseconds until all workers must have answered: a third of Prometheus's default scrape timeout. */
export const WORKERS_DEADLINE = 3000;

/** Answers a worker may fail to give in a row before scrapes no longer wait for it. */
export const MISSED_ANSWERS = 3;

/** Milliseconds a user's metric may take, unless the scraper says how long it waits. Prometheus's default timeout. */
export const METRIC_DEADLINE = 10_000;

/** Part of the scraper's own timeout after which a slow metric is given up, so that the others can still be written. */
export const METRIC_SHARE = 0.9;

/** Milliseconds: the longest scrape timeout that is honored, since the server disconnects idle readers soon after. */
export const LONGEST_SCRAPE_TIMEOUT = 25_000;

/** Time limits of the HTTP endpoint, in milliseconds. */
export interface Limits {
  readonly handshakeTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How often Node.js looks for requests that are past the two limits above. */
  readonly connectionsCheckingInterval: number;
  readonly keepAliveTimeout: number;
  /** A reader that reads nothing for this long is disconnected. */
  readonly idleTimeout: number;
  /** Longest time from the first byte of a response to its last, however steadily the reader reads. */
  readonly responseTimeout: number;
}

export const LIMITS: Limits = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 75_000,
  idleTimeout: 30_000,
  // No scrape interval should be longer, because Prometheus considers a series stale after five minutes. In two
  // minutes 3 MB pass at 200 kbit/s.
  responseTimeout: 120_000,
};

/** The answer of {@link within} when time ran out. */
export const LATE: unique symbol = Symbol('late');

/** Resolves or rejects as the promise does, or resolves to {@link LATE} after this many milliseconds. */
export async function within<T>(
  promise: T | PromiseLike<T>,
  milliseconds: number,
): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), milliseconds);
  });
  try {
    // `race` also handles a rejection that comes after the time is over.
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
