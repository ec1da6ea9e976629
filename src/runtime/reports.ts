import { isThenable } from '../recording/promise';
import { ThriftMetricsError, type ErrorCode } from '../validation/errors';
import { warnOnConsole, type Settings } from './settings';

/** Sites whose reports are kept. Some sites contain names of the program, so their number has no other limit. */
const MOST_KEPT = 1000;

/** What was reported first at a site. */
export interface Report {
  readonly site: string;
  /** Null if the fault is not an error of this package. */
  readonly code: ErrorCode | null;
  /** `''` if the message may contain values of calls. */
  readonly message: string;
}

/** Passes errors to `onError`, the first one of each site. */
export class Reports {
  /** Sites whose first error was reported. */
  private readonly reported = new Set<string>();
  private readonly kept = new Map<string, Report>();

  constructor(private readonly settings: Settings) {}

  /** Passes an error to `onError`, unless the site was reported before. Never throws. */
  warnOnce(site: string, error: unknown): void {
    if (this.reported.has(site)) return;
    this.reported.add(site);
    this.keep(site, error);
    const { onError } = this.settings;
    const warnOfFault = (fault: unknown): void => {
      if (onError !== warnOnConsole) warnOnConsole(fault, 'onError');
    };
    try {
      const result: unknown = onError(error, site);
      // An async function is accepted, and its rejection must not end the program.
      if (isThenable(result)) result.then(undefined, warnOfFault);
    } catch (fault) {
      warnOfFault(fault);
    }
  }

  /** Lets every site report its next error again. */
  forget(): void {
    this.reported.clear();
  }

  /** The first report of every site, in their order, also of those that `forget` has cleared. */
  all(): Report[] {
    return [...this.kept.values()];
  }

  private keep(site: string, error: unknown): void {
    if (this.kept.size >= MOST_KEPT || this.kept.has(site)) return;
    this.kept.set(site, { site, ...describe(error) });
  }
}

/** Errors about what a function of the program returned for a call. Their messages show it. */
const ABOUT_CALLS: ReadonlySet<ErrorCode> = new Set([
  'TM_ERR_LABEL_FUNCTION',
  'TM_ERR_FAILED_FUNCTION',
  'TM_ERR_EXEMPLAR',
  'TM_ERR_LABEL_VALUE',
]);

/** Reads nothing of foreign errors, which can throw when they are read. */
function describe(error: unknown): Omit<Report, 'site'> {
  try {
    if (error instanceof ThriftMetricsError) {
      const { code, message } = error;
      return { code, message: ABOUT_CALLS.has(code) ? '' : message };
    }
  } catch {
    // A proxy that does not answer `in`.
  }
  return { code: null, message: '' };
}
