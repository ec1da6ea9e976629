const KEY = 'thrift-metrics.theme';

const THEMES = ['auto', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

/** The theme: that of the system, or the one that the user chose. The choice is remembered. */
export class ThemeChoice {
  theme: Theme = remembered();

  /** @param changed called when the colors change */
  constructor(private readonly changed: () => void) {
    this.apply();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  }

  next(): void {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] as Theme;
    try {
      localStorage.setItem(KEY, this.theme);
    } catch {
      // Without access to the storage, the choice lasts until the page is closed.
    }
    this.apply();
    this.changed();
  }

  private apply(): void {
    document.documentElement.dataset['theme'] = this.theme;
  }
}

function remembered(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === found) ?? 'auto';
  } catch {
    return 'auto';
  }
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
