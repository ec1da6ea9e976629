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

/** One value of the setting. Each change makes another object, also a change back to an earlier value. */
interface Schedule {
  /** Milliseconds between two sweeps. */
  readonly interval: number;
}

/**
 * Removes the series of calls in which nothing was recorded for as long as the setting `expireAfter` says. Sweeps look for
 * them, with at least an eighth of that time between the end of one and the start of the next. So a series is removed after
 * the time of the setting, and at most a quarter of it later.
 */
export class IdleSeries {
  /** Called as soon as a series is removed, before any call can create it again. */
  readonly listeners = new Set<ExpiryListener>();
  /** Null while series do not expire. */
  private schedule: Schedule | null = null;
  private timer: ReturnType<typeof startTimeout> | null = null;
  /** When the latest sweep ended, or the setting changed after it, in milliseconds of the monotonic clock. */
  private endedAt = 0;
  /** The `cellTime` at which the latest sweep began that has looked at every series. */
  private previous = -Infinity;

  constructor(
    private readonly families: Families,
    private readonly faults: Faults,
  ) {}

  /** @param expireAfter in seconds, or null if series stay */
  configure(expireAfter: number | null): void {
    const interval = expireAfter === null ? null : (expireAfter * 1000) / IDLE_SWEEPS;
    if (interval === (this.schedule?.interval ?? null)) return;
    this.schedule = interval === null ? null : { interval };
    // A number of sweeps means another time from now on.
    for (const family of this.families) family.forgetSweeps();
    if (this.timer !== null) stopTimeout(this.timer);
    this.timer = null;
    this.endedAt = milliseconds();
    this.wait();
  }

  /** Looks at all series once. Yields to the event loop, because there may be many. */
  async sweep(): Promise<void> {
    const { schedule, previous } = this;
    const began = cellTime();
    const budget = new TimeBudget();
    let looked = 0;
    for (const family of this.families) {
      if (!family.canExpire) continue;
      let removed = 0;
      for (const series of family.expire(previous)) {
        if (series !== null) {
          removed++;
          this.notify(family, series);
        }
        if (++looked % SERIES_PER_CLOCK_READING !== 0 || !budget.isSpent()) continue;
        this.count(family, removed);
        removed = 0;
        // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
        await budget.yield();
        if (schedule !== this.schedule) return;
      }
      this.count(family, removed);
    }
    // Only now: a sweep that ends early has not seen which of the other cells were reset.
    this.previous = began;
  }

  private notify(family: Family, series: Series): void {
    for (const listener of this.listeners) {
      try {
        listener(family, series);
      } catch (fault) {
        this.faults.report(SITE, fault);
      }
    }
  }

  /** Counts removed series. Series also expire if the registry refuses the metric that counts them. */
  private count({ registeredName }: Family, removed: number): void {
    try {
      this.families.count(CATALOGUE.expiredSeries, { metric: registeredName }, removed);
    } catch (fault) {
      this.faults.report(SITE, fault);
    }
  }

  private wait(): void {
    const { schedule } = this;
    if (schedule === null) return;
    const left = this.endedAt + schedule.interval - milliseconds();
    const wait = Math.min(Math.max(Math.ceil(left), 1), LONGEST_WAIT);
    this.timer = startTimeout(() => void this.run(schedule), wait).unref();
  }

  private async run(schedule: Schedule): Promise<void> {
    if (milliseconds() >= this.endedAt + schedule.interval) {
      try {
        await this.sweep();
      } catch (fault) {
        this.faults.report(SITE, fault);
      }
      // The setting has changed meanwhile, and `configure` has started a timer of its own.
      if (schedule !== this.schedule) return;
      this.endedAt = milliseconds();
    }
    this.wait();
  }
}
