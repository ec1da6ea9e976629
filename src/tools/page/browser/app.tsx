import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { Announcements } from './announcements.js';
import { CallerTable } from './caller-table.js';
import { CallsSection } from './calls-section.js';
import { ClientTable } from './client-table.js';
import { ConnectionTables } from './connection-tables.js';
import { showInTab } from './document-title.js';
import { EventLoop } from './event-loop.js';
import { Feed, type Answer } from './feed.js';
import { Footer } from './footer.js';
import { formatTime } from './format.js';
import { About, Extras, Header, Notices, type Status } from './header.js';
import { Health } from './health.js';
import { listenToKeys, type Shortcuts } from './keyboard.js';
import { nameOf } from './method-key.js';
import { MethodTable } from './method-table.js';
import { clientTroublesOf, troublesOf } from './trouble.js';
import { ProfileLauncher } from './profile-launcher.js';
import type { Time } from './protocol.js';
import { SignIn } from './sign-in-form.js';
import { remember, remembered, storedToken, storeToken } from './storage.js';
import { applyTheme, nextTheme, Palette, rememberedTheme, watchColors } from './theme.js';
import { CallsOf } from './use-calls.js';
import { Verdict } from './verdict.js';
import { nextWindow, queryOf, viewOf, type View } from './view.js';

/** Milliseconds by which the moment that the server shows may differ from the one that was asked for. */
const SAME_MOMENT = 10_000;

const SHORTCUTS_KEY = 'shortcuts';

/** The whole page: connects its parts, and holds what the user has selected. */
export function App({
  metrics,
  files,
  hasProfiles,
}: {
  /** Address of the metrics. */
  readonly metrics: string;
  /** Address of the folder with the files of the page. */
  readonly files: string;
  /** Whether the server takes profiles of the process. */
  readonly hasProfiles: boolean;
}): JSX.Element {
  const [view, setView] = useState<View>(() => viewOf(location.search));
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [lost, setLost] = useState<string | null>(null);
  const [restartedAt, setRestartedAt] = useState<Time | null>(null);
  const [missingMoment, setMissingMoment] = useState<Time | null>(null);
  const [theme, setTheme] = useState(rememberedTheme);
  const [palette, setPalette] = useState(0);
  const [areShortcutsOn, setShortcutsOn] = useState(() => remembered(SHORTCUTS_KEY) !== 'off');
  const [reorders, setReorders] = useState(0);
  const [signIn, setSignIn] = useState<'needed' | 'wrong' | 'done'>('done');
  const token = useRef(storedToken());
  const filterInput = useRef<HTMLInputElement>(null);
  const change = (changes: Partial<View>): void => setView((before) => ({ ...before, ...changes }));

  const overview = answer?.overview ?? null;
  const latest = useRef({ view, overview });
  latest.current = { view, overview };
  const feed = useMemo(
    () =>
      new Feed(
        files,
        () => {
          const { minutes, pausedAt, open } = latest.current.view;
          return { minutes, at: pausedAt, open: open.map(nameOf) };
        },
        (received) => {
          const { startedAt, to } = received.overview;
          const before = latest.current.overview;
          if (before !== null && before.startedAt !== startedAt) setRestartedAt(startedAt);
          const { pausedAt } = latest.current.view;
          if (pausedAt !== null && Math.abs(pausedAt - to) > SAME_MOMENT) {
            setMissingMoment(pausedAt);
            change({ pausedAt: null });
          }
          setLost(null);
          setSignIn('done');
          setAnswer(received);
        },
        setLost,
        () => token.current,
        () => setSignIn(token.current === null ? 'needed' : 'wrong'),
      ),
    [],
  );
  const { minutes, pausedAt, open } = view;
  useEffect(() => void feed.ask(), [minutes, pausedAt, open]);
  useEffect(() => {
    const query = queryOf(view);
    history.replaceState(null, '', query === '' ? location.pathname : `?${query}`);
  }, [view]);

  const troubles = useMemo(
    () => [...troublesOf(overview?.methods ?? []), ...clientTroublesOf(overview?.clients ?? [])],
    [overview],
  );
  useEffect(() => {
    const identity = overview?.identity ?? null;
    showInTab({ identity, isLost: lost !== null, troubles: troubles.length }, files);
  });

  useEffect(() => {
    applyTheme(theme);
    setPalette((count) => count + 1);
  }, [theme]);
  useEffect(() => watchColors(() => setPalette((count) => count + 1)), []);

  const togglePause = (): void => {
    setMissingMoment(null);
    change({ pausedAt: pausedAt === null && overview !== null ? Math.round(overview.to) : null });
  };
  const changeTheme = (): void => setTheme(nextTheme(theme));
  const shortcuts: Shortcuts = {
    focusFilter: () => {
      filterInput.current?.focus();
      filterInput.current?.select();
    },
    togglePause,
    nextWindow: () => change({ minutes: nextWindow(minutes) }),
    nextTheme: changeTheme,
    reorder: () => setReorders((count) => count + 1),
    reset: () => change({ filter: '', open: [] }),
  };
  const keys = useRef({ shortcuts, areOn: areShortcutsOn });
  keys.current = { shortcuts, areOn: areShortcutsOn };
  useEffect(() => listenToKeys(() => keys.current), []);

  const callsSource = useMemo(
    () => ({ files, token: () => token.current, isPaused: pausedAt !== null }),
    [pausedAt],
  );
  const status: Status =
    signIn === 'done'
      ? statusOf(answer, lost, pausedAt !== null)
      : { state: 'lost', text: 'Not signed in' };
  /** A link cannot send the token. */
  const linked = token.current === null ? metrics : null;
  return (
    <Palette.Provider value={palette}>
      <div class="content" data-state={status.state}>
        <Header
          identity={overview?.identity ?? null}
          status={status}
          minutes={minutes}
          theme={theme}
          metrics={linked}
          selectWindow={(selected) => change({ minutes: selected })}
          togglePause={togglePause}
          changeTheme={changeTheme}
        />
        <main>
          {signIn !== 'done' && (
            <SignIn
              isWrong={signIn === 'wrong'}
              signIn={(given) => {
                token.current = given;
                storeToken(given);
                void feed.ask();
              }}
            />
          )}
          <Announcements troubles={overview === null ? null : troubles} />
          {signIn === 'done' && answer !== null && overview !== null && (
            <CallsOf.Provider value={callsSource}>
              <Verdict
                overview={overview}
                troubles={troubles}
                show={({ key, of }) => {
                  if (of === 'client') {
                    document.querySelector<HTMLElement>('#dependencies')?.focus();
                    return;
                  }
                  const shown = { filter: '', hidesIdle: false, onlyFailing: false };
                  const closedGroups = view.closedGroups.filter(
                    (service) => service !== nameOf(key).service,
                  );
                  change({ ...shown, closedGroups, open: [...new Set([...open, key])] });
                  requestAnimationFrame(() => focusMethod(key));
                }}
                showFailing={() => change({ onlyFailing: true })}
              />
              <Notices
                overview={overview}
                restartedAt={restartedAt}
                missingMoment={missingMoment}
              />
              <Health overview={overview} />
              <EventLoop overview={overview} />
              {hasProfiles && <ProfileLauncher files={files} token={() => token.current} />}
              <MethodTable
                rows={overview.methods}
                times={overview.times}
                choice={`${answer.minutes} ${reorders}`}
                details={answer.details}
                view={view}
                filterInput={filterInput}
                change={change}
                reorder={shortcuts.reorder}
              />
              <CallsSection />
              <CallerTable overview={overview} />
              <ClientTable overview={overview} />
              <ConnectionTables overview={overview} />
              <About overview={overview} />
            </CallsOf.Provider>
          )}
        </main>
        <Footer
          areShortcutsOn={areShortcutsOn}
          setShortcuts={(areOn) => {
            remember(SHORTCUTS_KEY, areOn ? 'on' : 'off');
            setShortcutsOn(areOn);
          }}
        >
          <Extras theme={theme} metrics={linked} changeTheme={changeTheme} />
        </Footer>
      </div>
    </Palette.Provider>
  );
}

function statusOf(answer: Answer | null, lost: string | null, isPaused: boolean): Status {
  if (lost !== null) {
    const since = answer === null ? '' : ` Figures are of ${formatTime(answer.overview.to)}.`;
    return { state: 'lost', text: `▲ Connection lost: ${lost}. Retrying…${since}` };
  }
  if (answer === null) return { state: 'live', text: 'Loading' };
  return isPaused
    ? { state: 'paused', text: `Paused at ${formatTime(answer.overview.to)}` }
    : { state: 'live', text: 'Live' };
}

/** Moves the focus to a method in the table, and scrolls to it. */
function focusMethod(key: string): void {
  const names = [...document.querySelectorAll<HTMLElement>('.name[data-key]')];
  const found = names.find((each) => each.dataset['key'] === key);
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: 'center' });
}
