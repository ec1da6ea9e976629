import { button, element, setAttribute, setText } from './dom.js';
import { formatDuration, formatTime } from './format.js';
import type { Overview } from './protocol.js';
import type { Theme } from './theme.js';

/** The windows that can be selected, in minutes. */
export const WINDOWS = [1, 5, 15] as const;

export interface Actions {
  selectWindow(minutes: number): void;
  togglePause(): void;
  nextTheme(): void;
}

/** The top of the page: its status and controls, the process, and the time that the figures cover. */
export class Header {
  /** Read aloud by screen readers whenever it changes. */
  private readonly status = element('span', { class: 'status', role: 'status' });
  private readonly covered = element('span', { id: 'covered' });
  private readonly about = element('p', { class: 'about' });
  private readonly labels = element('ul', { class: 'labels', 'aria-label': 'Default labels' });
  private readonly notices = element('div', { class: 'notices' });
  private readonly pause: HTMLButtonElement;
  private readonly theme: HTMLButtonElement;
  private readonly windows: readonly HTMLButtonElement[];
  readonly node: HTMLElement;

  constructor(actions: Actions, metrics: string) {
    this.pause = button('Pause', { id: 'pause', title: 'Shortcut: Space' }, () =>
      actions.togglePause(),
    );
    this.theme = button('', { id: 'theme', title: 'Shortcut: T' }, () => actions.nextTheme());
    this.windows = WINDOWS.map((minutes) =>
      button(`${minutes} min`, { 'aria-pressed': 'false' }, () => actions.selectWindow(minutes)),
    );
    this.node = element(
      'header',
      {},
      element(
        'div',
        { class: 'bar' },
        element('h1', {}, 'thrift-metrics'),
        this.status,
        element(
          'div',
          { class: 'controls' },
          element(
            'div',
            { class: 'group', role: 'group', 'aria-label': 'Window' },
            ...this.windows,
          ),
          this.pause,
          this.theme,
          element('a', { href: metrics, class: 'button' }, 'Metrics'),
        ),
      ),
      element('div', { class: 'facts' }, this.about, this.labels),
      element('p', { class: 'about' }, this.covered),
      this.notices,
    );
  }

  showWindow(minutes: number): void {
    this.windows.forEach((each, i) =>
      setAttribute(each, 'aria-pressed', String(WINDOWS[i] === minutes)),
    );
  }

  showTheme(theme: Theme): void {
    setText(this.theme, `Theme: ${theme}`);
  }

  showStatus(state: 'live' | 'paused' | 'lost', text: string): void {
    setText(this.status, text);
    setAttribute(this.status, 'data-state', state);
    setText(this.pause, state === 'paused' ? 'Resume' : 'Pause');
    setAttribute(this.pause, 'aria-pressed', String(state === 'paused'));
  }

  show({ from, to, process, defaultLabels, omittedMethods }: Overview): void {
    const { pid, node, uptime, hasWorkers } = process;
    setText(
      this.about,
      `Process ${pid}, Node.js ${node.replace(/^v/, '')}, up ${formatDuration(uptime)}`,
    );
    setText(
      this.covered,
      `Figures cover ${((to - from) / 1000).toFixed(1)} s, from ${formatTime(from)} to ${formatTime(to)}`,
    );
    const labels = Object.entries(defaultLabels).map(([name, value]) => `${name}="${value}"`);
    replaceTexts(this.labels, 'li', labels);
    const notices: string[] = [];
    if (hasWorkers) {
      notices.push(
        'Methods are summed over this process and its workers. Event loop, CPU and heap are those of this process only.',
      );
    }
    if (omittedMethods > 0) {
      notices.push(
        `${omittedMethods} more methods are declared but not shown, because the history is full.`,
      );
    }
    replaceTexts(this.notices, 'p', notices);
  }
}

function replaceTexts(parent: HTMLElement, tag: 'li' | 'p', texts: readonly string[]): void {
  const shown = [...parent.children].map(({ textContent }) => textContent);
  if (shown.length === texts.length && shown.every((text, i) => text === texts[i])) return;
  parent.replaceChildren(...texts.map((text) => element(tag, {}, text)));
}
