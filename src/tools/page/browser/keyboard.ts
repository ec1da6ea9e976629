export interface Shortcuts {
  focusFilter(): void;
  togglePause(): void;
  nextWindow(): void;
  nextTheme(): void;
  leave(): void;
}

export const SHORTCUTS: readonly (readonly [key: string, meaning: string])[] = [
  ['/', 'filter methods'],
  ['Space', 'pause or resume'],
  ['W', 'next window'],
  ['T', 'next theme'],
  ['↑ ↓', 'from method to method'],
  ['Enter', 'open or close a method'],
  ['Esc', 'clear the filter, close methods'],
];

/** Keys that work wherever they are not wanted otherwise. */
export function listenToKeys(shortcuts: Shortcuts): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (event.key === 'Escape') {
      shortcuts.leave();
      return;
    }
    if (target.matches('input, select, textarea')) return;
    // On a button or a link, the space bar is theirs.
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
  });
}
