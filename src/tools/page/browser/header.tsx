import type { JSX } from 'preact';

import { formatDuration, formatTime } from './format.js';
import type { Overview } from './protocol.js';
import type { Theme } from './theme.js';
import { WINDOWS } from './view.js';

export interface Status {
  readonly state: 'live' | 'paused' | 'lost';
  readonly text: string;
}

/** The top of the page: its status and controls, the process, and the time that the figures cover. */
export function Header({
  overview,
  status,
  minutes,
  theme,
  metrics,
  selectWindow,
  togglePause,
  changeTheme,
}: {
  readonly overview: Overview | null;
  readonly status: Status;
  readonly minutes: number;
  readonly theme: Theme;
  /** Address of the metrics. */
  readonly metrics: string;
  readonly selectWindow: (minutes: number) => void;
  readonly togglePause: () => void;
  readonly changeTheme: () => void;
}): JSX.Element {
  const isPaused = status.state === 'paused';
  return (
    <header>
      <div class="bar">
        <h1>thrift-metrics</h1>
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
          <button type="button" id="theme" title="Shortcut: T" onClick={changeTheme}>
            {`Theme: ${theme}`}
          </button>
          <a href={metrics} class="button">
            Metrics
          </a>
        </div>
      </div>
      {overview !== null && <Facts overview={overview} />}
    </header>
  );
}

function Facts({ overview }: { readonly overview: Overview }): JSX.Element {
  const { from, to, process, defaultLabels } = overview;
  const { pid, node, uptime } = process;
  return (
    <>
      <div class="facts">
        <p class="about">
          {`Process ${pid}, Node.js ${node.replace(/^v/, '')}, up ${formatDuration(uptime)}`}
        </p>
        <ul class="labels" aria-label="Default labels">
          {Object.entries(defaultLabels).map(([name, value]) => (
            <li key={name}>{`${name}="${value}"`}</li>
          ))}
        </ul>
      </div>
      <p class="about">
        <span id="covered">
          {`Figures cover ${((to - from) / 1000).toFixed(1)} s, from ${formatTime(from)} to ${formatTime(to)}`}
        </span>
      </p>
      <div class="notices">
        {noticesOf(overview).map((notice) => (
          <p key={notice}>{notice}</p>
        ))}
      </div>
    </>
  );
}

function noticesOf({ process, omittedMethods }: Overview): string[] {
  const notices: string[] = [];
  if (process.hasWorkers) {
    notices.push(
      'Methods are summed over this process and its workers. Event loop, CPU and heap are those of this process only.',
    );
  }
  if (omittedMethods > 0) {
    notices.push(
      `${omittedMethods} more methods are declared but not shown, because the history is full.`,
    );
  }
  return notices;
}
