import type { JSX } from 'preact';

import { formatDuration, formatTime, withNoun } from './format.js';
import type { Identity, Overview, Time } from './protocol.js';
import type { Theme } from './theme.js';
import { WINDOWS } from './view.js';

export interface Status {
  readonly state: 'live' | 'paused' | 'lost';
  readonly text: string;
}

/** The top of the page: which process it shows, its status, and the controls. */
export function Header({
  identity,
  status,
  minutes,
  theme,
  metrics,
  selectWindow,
  togglePause,
  changeTheme,
}: {
  /** Null until it is known. */
  readonly identity: Identity | null;
  readonly status: Status;
  readonly minutes: number;
  readonly theme: Theme;
  /** Address of the metrics, or null if a link cannot lead there. */
  readonly metrics: string | null;
  readonly selectWindow: (minutes: number) => void;
  readonly togglePause: () => void;
  readonly changeTheme: () => void;
}): JSX.Element {
  const isPaused = status.state === 'paused';
  return (
    <header class="bar">
      <h1>
        {identity?.name ?? 'thrift-metrics'}
        {identity !== null && (
          <span class="host">
            {` ${identity.host}${identity.version === null ? '' : ` · ${identity.version}`}`}
          </span>
        )}
      </h1>
      {/* Read aloud by screen readers whenever it changes. */}
      <span class="status" role="status" data-state={status.state}>
        {status.text}
      </span>
      <div class="controls">
        <div class="group" role="group" aria-label="Window">
          {WINDOWS.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === minutes}
              onClick={() => selectWindow(each)}
            >
              {`${each} min`}
            </button>
          ))}
        </div>
        <button
          type="button"
          id="pause"
          title="Shortcut: Space"
          aria-pressed={isPaused}
          onClick={togglePause}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </button>
        <Extras theme={theme} metrics={metrics} changeTheme={changeTheme} />
      </div>
    </header>
  );
}

/** The controls that are least needed. A narrow page has them at its end. */
export function Extras({
  theme,
  metrics,
  changeTheme,
}: {
  readonly theme: Theme;
  /** Address of the metrics, or null if a link cannot lead there. */
  readonly metrics: string | null;
  readonly changeTheme: () => void;
}): JSX.Element {
  return (
    <div class="extras">
      <button type="button" class="button" title="Shortcut: T" onClick={changeTheme}>
        {`Theme: ${theme}`}
      </button>
      {metrics !== null && (
        <a href={metrics} class="button">
          Metrics
        </a>
      )}
    </div>
  );
}

/** What the figures are about: the process and the time that they cover. */
export function About({ overview }: { readonly overview: Overview }): JSX.Element {
  const { from, to, process, defaultLabels } = overview;
  const { pid, node, uptime } = process;
  const labels = Object.entries(defaultLabels);
  return (
    <div class="about">
      <p id="covered">
        {`Figures cover ${((to - from) / 1000).toFixed(1)} s, from ${formatTime(from)} to ${formatTime(to)}`}
      </p>
      <p>{`Process ${pid}, Node.js ${node.replace(/^v/, '')}, up ${formatDuration(uptime)}`}</p>
      {labels.length > 0 && (
        <ul class="labels" aria-label="Default labels">
          {labels.map(([name, value]) => (
            <li key={name}>{`${name}="${value}"`}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What the reader must know to read the figures correctly. */
export function Notices({
  overview,
  restartedAt,
  missingMoment,
}: {
  readonly overview: Overview;
  /** When the process restarted while the page was open, or null. */
  readonly restartedAt: Time | null;
  /** A paused moment that is not in the history, or null. */
  readonly missingMoment: Time | null;
}): JSX.Element {
  return (
    <div class="notices">
      {noticesOf(overview, restartedAt, missingMoment).map((notice) => (
        <p key={notice}>{notice}</p>
      ))}
    </div>
  );
}

function noticesOf(
  { process, omittedMethods, gaps, historyFrom }: Overview,
  restartedAt: Time | null,
  missingMoment: Time | null,
): string[] {
  const notices: string[] = [];
  if (missingMoment !== null) {
    notices.push(
      `The history does not have ${formatTime(missingMoment)}: it begins at ${formatTime(historyFrom)}. The page shows what is happening now.`,
    );
  }
  if (restartedAt !== null) {
    notices.push(
      `The process restarted at ${formatTime(restartedAt)}. Figures from before are lost, and calls that it had not answered may have failed.`,
    );
  }
  const gap = gaps.at(-1);
  if (gap !== undefined) {
    const earlier = gaps.length === 1 ? '' : `, and ${withNoun(gaps.length - 1, 'earlier gap')}`;
    notices.push(
      `No samples for ${formatDuration((gap.to - gap.from) / 1000)} until ${formatTime(gap.to)}${earlier}: the event loop was blocked, or the machine slept. Counts include that time; charts show it as a gap.`,
    );
  }
  if (process.hasWorkers) {
    notices.push(
      'Methods are summed over this process and its workers. Event loop, CPU and heap are those of this process only.',
    );
  }
  if (omittedMethods > 0) {
    notices.push(
      `Not shown because the history is full: ${withNoun(omittedMethods, 'more method')}.`,
    );
  }
  return notices;
}
