import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

import { announcementOf } from './announcement-text.js';
import type { Trouble } from './trouble.js';

/** Has screen readers read aloud which methods got into trouble, and when the last of them is out of it. */
export function Announcements({
  troubles,
}: {
  /** Null while nothing is known. */
  readonly troubles: readonly Trouble[] | null;
}): JSX.Element {
  const known = useRef<ReadonlySet<string> | null>(null);
  const text = useRef('');
  if (troubles !== null) {
    text.current = announcementOf(known.current, troubles) ?? text.current;
    known.current = new Set(troubles.map(({ key }) => key));
  }
  return (
    <p class="visually-hidden announcements" aria-live="polite">
      {text.current}
    </p>
  );
}
