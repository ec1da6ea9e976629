import { needsSpace } from './space-key.js';

export interface Shortcuts {
  readonly focusFilter: () => void;
  readonly togglePause: () => void;
  readonly nextWindow: () => void;
  readonly nextTheme: () => void;
  readonly reorder: () => void;
  readonly reset: () => void;
}

/** The keys and their meanings, as the page shows them. */
export const SHORTCUTS: readonly (readonly [key: string, meaning: string])[] = [
  ['/', 'filter methods'],
  ['Space', 'pause or resume'],
  ['W', 'next window'],
  ['T', 'next theme'],
  ['R', 'reorder'],
];

/** Keys that act only where the focus is, or on everything that is open. They cannot be switched off. */
export const NAVIGATION: readonly (readonly [key: string, meaning: string])[] = [
  ['↑ ↓', 'move between methods'],
  ['Enter', 'open or close a method'],
  ['Esc', 'clear the filter and close methods'],
];

/**
 * Handles the shortcuts of the page, except while the focused element needs the key itself. Returns a function that ends
 * this.
 *
 * @param current returns what the shortcuts do now, and whether those of a single character are on
 */
export function listenToKeys(
  current: () => { readonly shortcuts: Shortcuts; readonly areOn: boolean },
): () => void {
  const listener = (event: KeyboardEvent): void => {
    const { shortcuts, areOn } = current();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (event.key === 'Escape') {
      shortcuts.reset();
      return;
    }
    if (!areOn || isTextField(target)) return;
    if (event.key === ' ' && needsSpace(target)) return;
    const actions: Readonly<Record<string, () => void>> = {
      '/': shortcuts.focusFilter,
      ' ': shortcuts.togglePause,
      w: shortcuts.nextWindow,
      t: shortcuts.nextTheme,
      r: shortcuts.reorder,
    };
    const action = actions[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}

function isTextField(target: HTMLElement): boolean {
  return target.matches('input:not([type=checkbox]), select, textarea');
}
