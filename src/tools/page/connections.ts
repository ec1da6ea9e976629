import type { ConnectionRow, ProtocolErrorRow } from './browser/protocol';
import type { ConnectionHistory } from './connection-history';
import { countIn, perSecond } from './figures';
import type { Window } from './timeline';

/** Stand for reasons, because their counters have none. */
const REASONS = {
  tlsHandshakeErrors: 'TLS handshake failed',
  acceptErrors: 'connection not accepted',
} as const;

/** The transports that have had connections, by name. */
export function connectionsIn(
  { counted, open }: ConnectionHistory,
  window: Window,
): ConnectionRow[] {
  const slot = window.timeline.slot(window.to);
  const all = [...counted.values()];
  const transports = new Set([
    ...open.keys(),
    ...all.filter(({ counter }) => counter === 'opened').flatMap(({ labels }) => labels),
  ]);
  return [...transports].toSorted().flatMap((transport) => {
    const ofTransport = all.filter(({ labels }) => labels[0] === transport);
    const opened = ofTransport.find(({ counter }) => counter === 'opened');
    const now = open.get(transport)?.at(slot) ?? 0;
    const closed = ofTransport
      .filter(({ counter }) => counter === 'closed')
      .map(({ labels, counts }) => ({ reason: labels[1] ?? '', count: countIn(counts, window) }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count);
    if (now === 0 && (opened?.counts.total ?? 0) === 0 && closed.length === 0) return [];
    const rate = opened === undefined ? null : perSecond(countIn(opened.counts, window), window);
    return [{ transport, open: now, rate, closed }];
  });
}

/**
 * The protocol errors since the start of the recording by reason, the most frequent in the window first.
 *
 * @param timeOf converts a time of the samples to one of the wall clock
 */
export function protocolErrorsIn(
  { counted }: ConnectionHistory,
  window: Window,
  timeOf: (time: number) => number,
): ProtocolErrorRow[] {
  return [...counted.values()]
    .filter(
      ({ counter, counts }) => counter !== 'opened' && counter !== 'closed' && counts.total > 0,
    )
    .map(({ counter, labels, counts, lastSeen }) => ({
      reason: labels[0] ?? REASONS[counter as keyof typeof REASONS],
      count: countIn(counts, window),
      rate: perSecond(countIn(counts, window), window) ?? 0,
      sinceStart: counts.total,
      lastSeen: lastSeen === null ? null : timeOf(lastSeen),
    }))
    .toSorted((a, b) => b.count - a.count || b.sinceStart - a.sinceStart);
}
