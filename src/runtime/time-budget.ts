import { milliseconds, runSoon } from '../metrics/clock';

/** Milliseconds for which long work holds the event loop before it yields: the longest a call waits because of it. */
export const TIME_BUDGET = 0.1;

/** Number of series between two questions whether the budget is spent: reading the clock takes about as long as one series. */
export const SERIES_PER_CLOCK_READING = 16;

/** Lets long work yield to the event loop whenever it has held it for {@link TIME_BUDGET}. */
export class TimeBudget {
  private began = milliseconds();
  /** Milliseconds for which the work held the event loop until it last yielded. */
  private held = 0;

  isSpent(): boolean {
    return milliseconds() - this.began > TIME_BUDGET;
  }

  /** Milliseconds for which the work has held the event loop. Does not include the time in which it had yielded. */
  total(): number {
    return this.held + milliseconds() - this.began;
  }

  /** Resolves after everything that waits in the event loop has had its turn. */
  async yield(): Promise<void> {
    this.held = this.total();
    await new Promise((resolve) => runSoon(resolve));
    this.restart();
  }

  /** Restarts the budget after the caller has yielded in another way. */
  restart(): void {
    this.began = milliseconds();
  }
}
