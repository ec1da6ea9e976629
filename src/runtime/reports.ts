import { warnOnConsole, type Settings } from './settings';

/** Passes errors to `onError`, the first one of each site. */
export class Reports {
  /** Sites whose first error was reported. */
  private readonly reported = new Set<string>();

  constructor(private readonly settings: Settings) {}

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

  /** Lets every site report its next error again. */
  forget(): void {
    this.reported.clear();
  }
}
