import { element } from './dom.js';
import { Feed, type Answer } from './feed.js';
import { formatTime } from './format.js';
import { Header, WINDOWS } from './header.js';
import { Health } from './health.js';
import { listenToKeys, SHORTCUTS } from './keyboard.js';
import { MethodTable } from './method-table.js';
import type { Overview } from './protocol.js';
import { ThemeChoice } from './theme.js';

let minutes: number = WINDOWS[0];
let isPaused = false;
let latest: Overview | null = null;

const theme = new ThemeChoice(() => {
  header.showTheme(theme.theme);
  table.repaint();
});
const health = new Health();
const table = new MethodTable(() => void feed.ask());
const header = new Header(
  { selectWindow, togglePause, nextTheme: () => theme.next() },
  document.body.dataset['metrics'] as string,
);
const feed = new Feed(
  () => ({
    window: minutes * 60,
    until: isPaused && latest !== null ? latest.sample : null,
    open: table.open,
  }),
  show,
  (reason) => header.showStatus('lost', `▲ Connection lost: ${reason}. Trying again`),
);

header.showWindow(minutes);
header.showTheme(theme.theme);
header.showStatus('live', 'Loading');
document.body.append(
  header.node,
  element('main', {}, health.node, table.node),
  element(
    'footer',
    {},
    ...SHORTCUTS.map(([key, meaning]) =>
      element('span', {}, element('kbd', {}, key), ` ${meaning}`),
    ),
  ),
);
listenToKeys({
  focusFilter: () => table.focusFilter(),
  togglePause,
  nextWindow: () => {
    const at = WINDOWS.findIndex((each) => each === minutes);
    selectWindow(WINDOWS[(at + 1) % WINDOWS.length] as number);
  },
  nextTheme: () => theme.next(),
  leave: () => {
    table.clearFilter();
    table.closeAll();
  },
});
void feed.ask();

function show({ overview, details }: Answer): void {
  // What was paused is gone when the server has begun anew.
  if (isPaused && latest !== null && latest.beganAt !== overview.beganAt) isPaused = false;
  latest = overview;
  header.show(overview);
  header.showStatus(
    isPaused ? 'paused' : 'live',
    isPaused ? `Paused at ${formatTime(overview.to)}` : 'Live',
  );
  health.show(overview);
  table.show(overview.methods, details);
}

function selectWindow(chosen: number): void {
  minutes = chosen;
  header.showWindow(minutes);
  void feed.ask();
}

function togglePause(): void {
  isPaused = !isPaused;
  if (isPaused && latest !== null) {
    header.showStatus('paused', `Paused at ${formatTime(latest.to)}`);
  } else header.showStatus('live', 'Live');
  void feed.ask();
}
