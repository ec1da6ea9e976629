import { CATALOGUE } from '../metrics/catalogue';
import type { FaultSink } from '../recording/guards';
import type { Families } from './families';
import { warnOnConsole, type Settings } from './settings';

/** Counts and reports the faults of metrics code, which must never reach the program. */
export class Faults implements FaultSink {
  /** Sites whose first fault was reported. */
  private readonly reported = new Set<string>();

  constructor(
    private readonly settings: Settings,
    private readonly families: Families,
  ) {}

  /** Counts a fault, and passes the first fault of each site to `onError`. Never throws. */
  report(site: string, error: unknown): void {
    try {
      this.families.series(CATALOGUE.internalErrors, { site }).cell.value++;
    } catch {
      // Counting needs a registry. Without one, the report below still says what happened.
    }
    this.warnOnce(site, error);
  }

  /** Passes an error to `onError`, unless the site was reported before. Never throws. */
  warnOnce(site: string, error: unknown): void {
    if (this.reported.has(site)) return;
    this.reported.add(site);
    const { onError } = this.settings;
    try {
      onError(error, site);
    } catch (fault) {
      if (onError !== warnOnConsole) warnOnConsole(fault, 'onError');
    }
  }

  /** Lets every site report its next fault again. */
  forget(): void {
    this.reported.clear();
  }
}
