import { CATALOGUE } from '../metrics/catalogue';
import type { FaultSink } from '../recording/guards';
import type { Families } from './families';
import type { Reports } from './reports';

/** Counts and reports the faults of metrics code, which must never reach the program. */
export class Faults implements FaultSink {
  constructor(
    private readonly reports: Reports,
    private readonly families: Families,
  ) {}

  /** Counts a fault, and passes the first fault of each site to `onError`. Never throws. */
  report(site: string, error: unknown): void {
    try {
      this.families.count(CATALOGUE.internalErrors, { site });
    } catch {
      // Counting needs a registry. Without one, the report below still says what happened.
    }
    this.warnOnce(site, error);
  }

  /** Passes an error to `onError`, unless the site was reported before. Never throws. */
  warnOnce(site: string, error: unknown): void {
    this.reports.warnOnce(site, error);
  }

  /** Lets every site report its next fault again. */
  forget(): void {
    this.reports.forget();
  }
}
