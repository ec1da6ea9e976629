const KEY = 'thrift-metrics.theme';

const THEMES = ['auto', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

/** Dark or light as the system says, or as the reader has chosen, who is remembered. */
export class ThemeChoice {
  theme: Theme = remembered();

  /** @param changed called when the colours are others */
  constructor(private readonly changed: () => void) {
    this.apply();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  }

  next(): void {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] as Theme;
    try {
      localStorage.setItem(KEY, this.theme);
    } catch {
      // Storage may be forbidden; the choice then holds as long as the page is open.
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

/** What a custom property of the style sheet gives as a colour, for a canvas. */
export function colour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
