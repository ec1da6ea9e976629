import { CATALOGUE } from '../metrics/catalogue';
import { cellTime, milliseconds, startTimeout, stopTimeout } from '../metrics/clock';
import type { Family, Series } from '../metrics/family';
import { IDLE_SWEEPS } from '../metrics/idle-sweeps';
import type { Families } from './families';
import type { Faults } from './faults';
import { SERIES_PER_CLOCK_READING, TimeBudget } from './time-budget';

const SITE = 'idle series';

/** The longest wait of one timer, in milliseconds. A timer of Node.js that waits for more than 2^31 ms ends at once. */
const LONGEST_WAIT = 24 * 60 * 60 * 1000;

/** Called with each series that has expired, and its family. */
type ExpiryListener = (family: Family, series: Series) => void;

/**
 * Removes the series of calls in which nothing was recorded for as long as the setting `expireAfter` says. Sweeps follow one
 * another with at least an eighth of that time between them, so that a series is removed after the setting's time, and a
 * quarter of it later at most.
 */
export class IdleSeries {
  /** Called before the next code runs, so that a listener sees the series in place of its family. */
  readonly listeners = new Set<ExpiryListener>();
  /** Milliseconds between two sweeps. Null while series do not expire. */
  private interval: number | null = null;
  private timer: ReturnType<typeof startTimeout> | null = null;
  /** When the last sweep ended, in milliseconds of the monotonic clock. */
  private endedAt = 0;
  /** The `cellTime` at which the last sweep began. */
  private previous = -Infinity;

  constructor(
    private readonly families: Families,
    private readonly faults: Faults,
  ) {}

  /** @param expireAfter in seconds, or null if series stay */
  configure(expireAfter: number | null): void {
    const interval = expireAfter === null ? null : (expireAfter * 1000) / IDLE_SWEEPS;
    if (interval === this.interval) return;
    this.interval = interval;
    // Sweeps of another interval have counted other times.
    for (const family of this.families) family.forgetSweeps();
    if (this.timer !== null) stopTimeout(this.timer);
    this.timer = null;
    this.endedAt = milliseconds();
    this.wait();
  }

  /** Looks at all series once. Yields to the event loop, because there may be many. */
  async sweep(): Promise<void> {
    const { interval, previous } = this;
    this.previous = cellTime();
    const budget = new TimeBudget();
    let looked = 0;
    for (const family of this.families) {
      if (!family.canExpire) continue;
      let removed = 0;
      for (const series of family.expire(previous)) {
        if (series !== null) {
          removed++;
          for (const listener of this.listeners) listener(family, series);
        }
        if (++looked % SERIES_PER_CLOCK_READING !== 0 || !budget.isSpent()) continue;
        this.count(family, removed);
        removed = 0;
        // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
        await budget.yield();
        // The setting has changed, and with it what sweeps count.
        if (interval !== this.interval) return;
      }
      this.count(family, removed);
    }
  }

  /** Series also expire if the registry does not take the metric that counts them. */
  private count({ registeredName }: Family, removed: number): void {
    try {
      this.families.count(CATALOGUE.expiredSeries, { metric: registeredName }, removed);
    } catch (fault) {
      this.faults.report(SITE, fault);
    }
  }

  private wait(): void {
    const { interval } = this;
    if (interval === null) return;
    const rest = this.endedAt + interval - milliseconds();
    const wait = Math.min(Math.max(Math.ceil(rest), 1), LONGEST_WAIT);
    this.timer = startTimeout(() => void this.run(interval), wait).unref();
  }

  private async run(interval: number): Promise<void> {
    if (milliseconds() >= this.endedAt + interval) {
      try {
        await this.sweep();
      } catch (fault) {
        this.faults.report(SITE, fault);
      }
      // Another timer runs if the setting has changed meanwhile.
      if (interval !== this.interval) return;
      this.endedAt = milliseconds();
    }
    this.wait();
  }
}
