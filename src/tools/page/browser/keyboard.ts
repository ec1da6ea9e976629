export interface Shortcuts {
  readonly focusFilter: () => void;
  readonly togglePause: () => void;
  readonly nextWindow: () => void;
  readonly nextTheme: () => void;
  readonly reset: () => void;
}

/** The keys and their meanings, as the page shows them. */
export const SHORTCUTS: readonly (readonly [key: string, meaning: string])[] = [
  ['/', 'filter methods'],
  ['Space', 'pause or resume'],
  ['W', 'next window'],
  ['T', 'next theme'],
  ['↑ ↓', 'move between methods'],
  ['Enter', 'open or close a method'],
  ['Esc', 'clear the filter and close methods'],
];

/**
 * Handles the shortcuts of the page, except while the focused element needs the key itself. Returns a function that ends
 * this.
 *
 * @param current returns what the shortcuts do now
 */
export function listenToKeys(current: () => Shortcuts): () => void {
  const listener = (event: KeyboardEvent): void => {
    const shortcuts = current();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (event.key === 'Escape') {
      shortcuts.reset();
      return;
    }
    if (target.matches('input, select, textarea')) return;
    // The space bar activates a focused button or link.
    if (event.key === ' ' && target.matches('button, a')) return;
    const actions: Readonly<Record<string, () => void>> = {
      '/': () => shortcuts.focusFilter(),
      ' ': () => shortcuts.togglePause(),
      w: () => shortcuts.nextWindow(),
      t: () => shortcuts.nextTheme(),
    };
    const action = actions[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}
