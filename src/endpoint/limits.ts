export interface Limits {
  readonly handshakeTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How often Node looks for requests that are past the two limits above. */
  readonly connectionsCheckingInterval: number;
  readonly keepAliveTimeout: number;
  /** A reader that takes nothing for so long is disconnected. */
  readonly idleTimeout: number;
  /** So long a reader may take from the first byte of an answer to the last, however steadily it reads. */
  readonly responseTimeout: number;
}

/** How long a peer may take, in milliseconds. Prometheus gives up on a scrape after ten seconds by default. */
export const LIMITS: Limits = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 75_000,
  idleTimeout: 30_000,
  // No scrape interval should be longer (Prometheus calls a series stale after five minutes); 3 MB pass at 200 kbit/s.
  responseTimeout: 120_000,
};
