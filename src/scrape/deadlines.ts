import { startTimeout, stopTimeout } from '../metrics/clock';

// Every time limit of a scrape in one place, to show that they agree. `test/scrape/deadlines.test.ts` checks this order:
//
//   TIME_BUDGET < WORKER_METRIC_DEADLINE < WORKER_CHUNK_DEADLINE < WORKERS_DEADLINE < METRIC_DEADLINE
//   2 * WORKERS_DEADLINE < SUM_DEADLINE < METRIC_DEADLINE
//   WORKER_CALLS_DEADLINE < CALLS_DEADLINE < ALL_CALLS_DEADLINE
//   METRIC_DEADLINE <= Prometheus's default scrape timeout of 10 s < LONGEST_SCRAPE_TIMEOUT
//   LONGEST_SCRAPE_TIMEOUT < LIMITS.idleTimeout < LIMITS.responseTimeout

/** Milliseconds a worker waits for the user's metrics. Its next chunk contains them, so it must be due later. */
export const WORKER_METRIC_DEADLINE = 800;

/** Milliseconds to wait for the next chunk of a worker's report: a tenth of Prometheus's default scrape timeout. */
export const WORKER_CHUNK_DEADLINE = 1000;

/** Milliseconds to wait for the reports of all workers, which are requested at the same time. */
export const WORKERS_DEADLINE = 3000;

/** Milliseconds a worker waits for the calls of its own threads. Its answer contains them, so it must be due later. */
export const WORKER_CALLS_DEADLINE = 250;

/** Milliseconds to wait for the calls of a worker, so that a page can show them each second. */
export const CALLS_DEADLINE = 500;

/** Milliseconds to wait for the calls of all workers from the process that has them. */
export const ALL_CALLS_DEADLINE = 1500;

/**
 * Milliseconds to wait for each chunk of the sum over all workers from the process that has it. That process may first have to
 * end another round of reports.
 */
export const SUM_DEADLINE = 7000;

/** Milliseconds to wait until the workers of a cluster have found each other. */
export const SIBLINGS_DEADLINE = 3000;

/** Milliseconds between two reports that a worker stores without being asked. */
export const STORE_INTERVAL = 1000;

/** Milliseconds to wait for cluster workers that were started before this package was loaded, once for each. */
export const ANNOUNCEMENT_DEADLINE = 500;

/** Milliseconds to wait, once, for threads that were started before this package was loaded. */
export const THREADS_DEADLINE = 50;

/** Number of reports in a row that a worker may miss before scrapes no longer wait for it. */
export const MISSED_REPORTS = 3;

/** Milliseconds a user's metric may take if the scraper does not send its timeout: Prometheus's default timeout. */
export const METRIC_DEADLINE = 10_000;

/** Fraction of the scraper's timeout that a user's metric may take. In the remaining time, the other metrics are written. */
export const METRIC_SHARE = 0.9;

/** Longest scrape timeout that is honored, in milliseconds. The server disconnects an idle reader soon after it. */
export const LONGEST_SCRAPE_TIMEOUT = 25_000;

/** Milliseconds the live page waits for a metric that it reads and this package did not create. */
export const PAGE_METRIC_DEADLINE = 1000;

/** Time limits of the HTTP endpoint, in milliseconds. */
export interface Limits {
  /** Longest TLS handshake. */
  readonly handshakeTimeout: number;
  /** Longest time until the headers of a request are complete. */
  readonly headersTimeout: number;
  /** Longest time until a request is complete. */
  readonly requestTimeout: number;
  /** How often Node.js looks for requests that exceed `headersTimeout` or `requestTimeout`. */
  readonly connectionsCheckingInterval: number;
  /** How long an idle connection stays open between two requests. */
  readonly keepAliveTimeout: number;
  /** A reader that reads nothing for this long is disconnected. */
  readonly idleTimeout: number;
  /** Longest time until an `auth` function settles. */
  readonly authTimeout: number;
  /** Longest time from the first byte of a response to its last, however steadily the reader reads. */
  readonly responseTimeout: number;
}

export const LIMITS: Limits = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  // Longer than Prometheus's default scrape interval of one minute, so that its connection stays open.
  keepAliveTimeout: 75_000,
  idleTimeout: 30_000,
  // As long as for the request itself, and shorter than `idleTimeout`, so that the reader gets an answer.
  authTimeout: 10_000,
  // Scrape intervals are rarely longer, because Prometheus considers a series stale after five minutes. In two minutes,
  // 3 MB arrive at 200 kbit/s.
  responseTimeout: 120_000,
};

/** The result of {@link within} if time ran out. */
export const LATE: unique symbol = Symbol('late');

/**
 * Resolves or rejects as the promise does, or resolves to {@link LATE} after `milliseconds`. A rejection that comes later
 * is handled.
 *
 * @param keepAlive whether the timer keeps the process alive
 */
export async function within<T>(
  promise: T | PromiseLike<T>,
  milliseconds: number,
  keepAlive = true,
): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = startTimeout(() => resolve(LATE), milliseconds);
    if (!keepAlive) timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stopTimeout(timer);
  }
}
