import type { Trouble } from './trouble.js';

/** Number of methods and clients that an announcement names. */
const MAX_NAMED = 3;

/** Returns null if there is nothing new. The state at first is not an announcement, because the page shows it. */
export function announcementOf(
  known: ReadonlySet<string> | null,
  troubles: readonly Trouble[],
): string | null {
  if (known === null) return null;
  const added = troubles.filter(({ key }) => !known.has(key));
  if (added.length > 0) {
    const named = added.slice(0, MAX_NAMED).map(({ label, text }) => `${label}: ${text}`);
    const others = added.length - MAX_NAMED;
    return `In trouble: ${named.join('. ')}${others > 0 ? `. And ${others} more` : ''}`;
  }
  return troubles.length === 0 && known.size > 0 ? 'Nothing is in trouble any more' : null;
}
