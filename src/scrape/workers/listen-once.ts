const KEY = Symbol.for('thrift-metrics.listener.2');

/**
 * Adds one listener to an object of Node.js itself, which passes events on to the latest receiver. A test runner loads
 * this package into one environment after another, each with its own global object. A listener for each of them would
 * keep every environment in memory.
 */
export function listenOnce<T>(
  target: object,
  receiver: T,
  listen: (latest: () => T) => void,
): void {
  const listening = target as { [KEY]?: { receiver: T } };
  const known = listening[KEY];
  if (known !== undefined) {
    known.receiver = receiver;
    return;
  }
  const latest = { receiver };
  Object.defineProperty(target, KEY, { value: latest });
  listen(() => latest.receiver);
}
