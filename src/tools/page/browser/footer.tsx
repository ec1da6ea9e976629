import type { ComponentChildren, JSX } from 'preact';

import { NAVIGATION, SHORTCUTS } from './keyboard.js';

/** The keys of the page, and the switch for those that a single character triggers. */
export function Footer({
  areShortcutsOn,
  setShortcuts,
  children,
}: {
  readonly areShortcutsOn: boolean;
  readonly setShortcuts: (areOn: boolean) => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <footer>
      {children}
      <label class="shortcuts">
        <input
          type="checkbox"
          checked={areShortcutsOn}
          onChange={(event) => setShortcuts(event.currentTarget.checked)}
        />
        {' Single-key shortcuts'}
      </label>
      {[...(areShortcutsOn ? SHORTCUTS : []), ...NAVIGATION].map(([key, meaning]) => (
        <span key={key} class="shortcut">
          <kbd>{key}</kbd>
          {` ${meaning}`}
        </span>
      ))}
      <span>thrift-metrics</span>
    </footer>
  );
}
