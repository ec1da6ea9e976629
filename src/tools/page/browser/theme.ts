import { createContext } from 'preact';

import { remember, remembered } from './storage.js';

const KEY = 'theme';

const THEMES = ['auto', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

/** Counts the changes of the colors. Charts draw again when it changes, because a canvas does not follow the style sheet. */
export const Palette = createContext(0);

/** The theme that the user chose, or that of the system. */
export function rememberedTheme(): Theme {
  const found = remembered(KEY);
  return THEMES.find((theme) => theme === found) ?? 'auto';
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] as Theme;
}

/** Applies a theme and remembers it. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  if (theme !== rememberedTheme()) remember(KEY, theme);
}

/** Calls `changed` when the system or the medium changes the colors. Returns a function that ends this. */
export function watchColors(changed: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'].map(
    (query) => matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', changed);
  return () => {
    for (const query of queries) query.removeEventListener('change', changed);
  };
}

/** Resolves a custom property of the style sheet to a color, for a canvas. */
export function themeColor(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
