import { element } from './dom.js';
import { Feed, type Answer } from './feed.js';
import { formatTime } from './format.js';
import { Header, WINDOWS } from './header.js';
import { Health } from './health.js';
import { listenToKeys, SHORTCUTS } from './keyboard.js';
import { MethodTable } from './method-table.js';
import type { Overview } from './protocol.js';
import { ThemeChoice } from './theme.js';

/** The whole page: connects its parts, and holds what the user has selected. */
class Page {
  private minutes: number = WINDOWS[0];
  private isPaused = false;
  private latest: Overview | null = null;
  private readonly theme = new ThemeChoice(() => {
    this.header.showTheme(this.theme.theme);
    this.table.repaint();
  });
  private readonly health = new Health();
  private readonly table = new MethodTable(() => void this.feed.ask());
  private readonly header: Header;
  private readonly feed = new Feed(
    () => ({
      window: this.minutes * 60,
      until: this.isPaused && this.latest !== null ? this.latest.sample : null,
      open: this.table.open,
    }),
    (answer) => this.show(answer),
    (reason) => this.header.showStatus('lost', `▲ Connection lost: ${reason}. Retrying…`),
  );

  /** @param metrics address of the metrics */
  constructor(metrics: string) {
    this.header = new Header(
      {
        selectWindow: (minutes) => this.selectWindow(minutes),
        togglePause: () => this.togglePause(),
        nextTheme: () => this.theme.next(),
      },
      metrics,
    );
  }

  /** Shows the page and starts to request figures. */
  start(): void {
    this.header.showWindow(this.minutes);
    this.header.showTheme(this.theme.theme);
    this.header.showStatus('live', 'Loading');
    document.body.append(
      this.header.node,
      element('main', {}, this.health.node, this.table.node),
      element(
        'footer',
        {},
        ...SHORTCUTS.map(([key, meaning]) =>
          element('span', {}, element('kbd', {}, key), ` ${meaning}`),
        ),
      ),
    );
    listenToKeys({
      focusFilter: () => this.table.focusFilter(),
      togglePause: () => this.togglePause(),
      nextWindow: () => {
        const at = WINDOWS.findIndex((each) => each === this.minutes);
        this.selectWindow(WINDOWS[(at + 1) % WINDOWS.length] as number);
      },
      nextTheme: () => this.theme.next(),
      reset: () => {
        this.table.clearFilter();
        this.table.closeAll();
      },
    });
    void this.feed.ask();
  }

  private show({ overview, details }: Answer): void {
    const { latest } = this;
    // A restarted server does not have the paused moment.
    if (latest !== null && latest.startedAt !== overview.startedAt) this.isPaused = false;
    this.latest = overview;
    this.header.show(overview);
    this.showStatus();
    this.health.show(overview);
    this.table.show(overview.methods, details);
  }

  private showStatus(): void {
    const { isPaused, latest } = this;
    if (isPaused && latest !== null) {
      this.header.showStatus('paused', `Paused at ${formatTime(latest.to)}`);
    } else this.header.showStatus('live', 'Live');
  }

  private selectWindow(minutes: number): void {
    this.minutes = minutes;
    this.header.showWindow(minutes);
    void this.feed.ask();
  }

  private togglePause(): void {
    this.isPaused = !this.isPaused;
    this.showStatus();
    void this.feed.ask();
  }
}

new Page(document.body.dataset['metrics'] as string).start();
