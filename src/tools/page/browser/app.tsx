import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { Feed, type Answer } from './feed.js';
import { formatTime } from './format.js';
import { Header, type Status } from './header.js';
import { Health } from './health.js';
import { listenToKeys, SHORTCUTS, type Shortcuts } from './keyboard.js';
import { nameOf } from './method-key.js';
import { MethodTable } from './method-table.js';
import { applyTheme, nextTheme, Palette, rememberedTheme, watchColors } from './theme.js';
import { INITIAL_VIEW, nextWindow, type View } from './view.js';

/** The whole page: connects its parts, and holds what the user has selected. */
export function App({ metrics }: { readonly metrics: string }): JSX.Element {
  const [view, setView] = useState<View>(INITIAL_VIEW);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [lost, setLost] = useState<string | null>(null);
  const [theme, setTheme] = useState(rememberedTheme);
  const [palette, setPalette] = useState(0);
  const filterInput = useRef<HTMLInputElement>(null);
  const change = (changes: Partial<View>): void => setView((before) => ({ ...before, ...changes }));

  const overview = answer?.overview ?? null;
  const latest = useRef({ view, overview });
  latest.current = { view, overview };
  const feed = useMemo(
    () =>
      new Feed(
        () => {
          const { minutes, pausedAt, open } = latest.current.view;
          return { window: minutes * 60, until: pausedAt, open: open.map(nameOf) };
        },
        (received) => {
          const { startedAt } = latest.current.overview ?? received.overview;
          // A restarted server does not have the paused moment.
          if (startedAt !== received.overview.startedAt) change({ pausedAt: null });
          setLost(null);
          setAnswer(received);
        },
        setLost,
      ),
    [],
  );
  const { minutes, pausedAt, open, filter, sort } = view;
  useEffect(() => void feed.ask(), [minutes, pausedAt, open]);

  useEffect(() => {
    applyTheme(theme);
    setPalette((count) => count + 1);
  }, [theme]);
  useEffect(() => watchColors(() => setPalette((count) => count + 1)), []);

  const actions: Shortcuts = {
    focusFilter: () => {
      filterInput.current?.focus();
      filterInput.current?.select();
    },
    togglePause: () => change({ pausedAt: pausedAt === null ? (overview?.sample ?? null) : null }),
    nextWindow: () => change({ minutes: nextWindow(minutes) }),
    nextTheme: () => setTheme(nextTheme(theme)),
    reset: () => change({ filter: '', open: [] }),
  };
  const shortcuts = useRef(actions);
  shortcuts.current = actions;
  useEffect(() => listenToKeys(() => shortcuts.current), []);

  return (
    <Palette.Provider value={palette}>
      <Header
        overview={overview}
        status={statusOf(answer, lost, pausedAt !== null)}
        minutes={minutes}
        theme={theme}
        metrics={metrics}
        selectWindow={(selected) => change({ minutes: selected })}
        togglePause={actions.togglePause}
        changeTheme={actions.nextTheme}
      />
      <main>
        {overview !== null && (
          <>
            <Health overview={overview} />
            <MethodTable
              rows={overview.methods}
              details={answer?.details ?? []}
              sort={sort}
              filter={filter}
              open={open}
              filterInput={filterInput}
              setSort={(selected) => change({ sort: selected })}
              setFilter={(text) => change({ filter: text })}
              toggle={(key) =>
                change({
                  open: open.includes(key) ? open.filter((each) => each !== key) : [...open, key],
                })
              }
            />
          </>
        )}
      </main>
      <footer>
        {SHORTCUTS.map(([key, meaning]) => (
          <span key={key}>
            <kbd>{key}</kbd>
            {` ${meaning}`}
          </span>
        ))}
      </footer>
    </Palette.Provider>
  );
}

function statusOf(answer: Answer | null, lost: string | null, isPaused: boolean): Status {
  if (lost !== null) {
    return { state: 'lost', text: `▲ Connection lost: ${lost}. Retrying…` };
  }
  if (answer === null) return { state: 'live', text: 'Loading' };
  return isPaused
    ? { state: 'paused', text: `Paused at ${formatTime(answer.overview.to)}` }
    : { state: 'live', text: 'Live' };
}
