import { CATALOGUE, LABEL, type CatalogueEntry } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import { type CellIndex, OTHER } from '../../metrics/variable-series';
import type { CallerFailures } from '../../recording/cells';
import { UNKNOWN } from '../../recording/guards';
import { boundLabelValue } from '../../recording/label-value';
import { PACKAGE } from '../../runtime/families';
import type { Runtime } from '../../runtime/runtime';

const REQUESTS = CATALOGUE.callerRequests;
const FAILURES = CATALOGUE.callerFailedRequests;

type Metric = 'requests' | 'failedRequests';

/** Counts the calls of one service by the names of the callers, as many as the series limit allows. */
export class ServiceCallers {
  private readonly known = new Map<string, CallsOfCaller>();
  private readonly requests = this.column('requests');
  private readonly failures = this.column('failedRequests');

  constructor(
    private readonly runtime: Runtime,
    private readonly service: string,
  ) {
    this.startAtZero();
  }

  /** Whether the callers of messages are counted now. */
  get areCounted(): boolean {
    if (this.runtime.settings.callers === false) return false;
    return !this.excludes(REQUESTS) || !this.excludes(FAILURES);
  }

  /** Creates the series of calls without a name, if they are counted. */
  startAtZero(): void {
    if (this.runtime.settings.callers === true) this.cellOf(REQUESTS, this.requests, UNKNOWN);
  }

  /**
   * Counts a call that is about to reach its handler, while callers are counted. Returns null for a call without a name unless
   * the program counts callers explicitly, because such calls would be the one series of most programs.
   */
  arrive(name: string | null): CallsOfCaller | null {
    if (name === null && this.runtime.settings.callers !== true) return null;
    const caller = name === null ? UNKNOWN : boundLabelValue(name);
    const known = this.known.get(caller);
    if (known !== undefined && known.requests !== null) {
      known.requests.value++;
      return known;
    }
    const { cell, kept } = this.cellOf(REQUESTS, this.requests, caller);
    cell.value++;
    if (kept) return this.keep(caller, 'requests', cell);
    // Past the limit of one metric, the other one must not tell the callers apart.
    return new CallsOfCaller(this, this.excludes(REQUESTS) ? caller : OTHER);
  }

  /** Counts a failed call. Never throws, because the call may have ended long after it arrived. */
  countFailure(caller: string): void {
    try {
      this.failuresOf(caller).value++;
    } catch (fault) {
      this.runtime.faults.report('callers', fault);
    }
  }

  /** The series exists from the first call that reaches a measured handler, because other failures are not seen. */
  failuresOf(caller: string): CounterCell {
    const known = this.known.get(caller)?.failedRequests ?? null;
    if (known !== null) return known;
    const { cell, kept } = this.cellOf(FAILURES, this.failures, caller);
    if (kept) this.keep(caller, 'failedRequests', cell);
    return cell;
  }

  private cellOf(
    entry: CatalogueEntry & { type: 'counter' },
    index: CellIndex<CounterCell>,
    caller: string,
  ) {
    const { families, seriesLimit } = this.runtime;
    const constant = { [LABEL.service]: this.service };
    const family = families.builtInOfCall(entry);
    const variable = family.variable(constant, [LABEL.caller], PACKAGE, index);
    return seriesLimit.builtInCellOf(entry, variable, [caller]);
  }

  /** The cells of one metric, for its family, which creates and removes them. */
  private column(metric: Metric): CellIndex<CounterCell> {
    return {
      get: (values) => this.known.get(callerOf(values))?.[metric] ?? undefined,
      set: (values, cell) => void this.keep(callerOf(values), metric, cell),
      delete: (values) => this.forget(callerOf(values), metric),
      entries: () => this.entriesOf(metric),
    };
  }

  private *entriesOf(metric: Metric): Generator<[string[], CounterCell]> {
    for (const [caller, { [metric]: cell }] of this.known)
      if (cell !== null) yield [[caller], cell];
  }

  private keep(name: string, metric: Metric, cell: CounterCell): CallsOfCaller {
    let caller = this.known.get(name);
    if (caller === undefined) this.known.set(name, (caller = new CallsOfCaller(this, name)));
    caller[metric] = cell;
    return caller;
  }

  private forget(name: string, metric: Metric): void {
    const caller = this.known.get(name);
    if (caller === undefined) return;
    caller[metric] = null;
    if (caller.requests === null && caller.failedRequests === null) this.known.delete(name);
  }

  private excludes({ name }: CatalogueEntry): boolean {
    const { policy } = this.runtime.settings;
    return !policy.isEmpty && policy.isExcluded(name, { service: this.service, method: null });
  }
}

/** The value of the only label of these series that differs between calls. */
function callerOf(values: readonly string[]): string {
  return values[0] as string;
}

/**
 * The cells of one caller of a service. Each is null until it is needed, and after its series has expired. A call in progress
 * can hold one that is no longer known to its service.
 */
export class CallsOfCaller implements CallerFailures {
  requests: CounterCell | null = null;
  failedRequests: CounterCell | null = null;

  constructor(
    private readonly callers: ServiceCallers,
    private readonly name: string,
  ) {}

  /** Creates the series of failed calls. */
  begin(): void {
    if (this.failedRequests === null) this.callers.failuresOf(this.name);
  }

  count(): void {
    if (this.failedRequests === null) this.callers.countFailure(this.name);
    else this.failedRequests.value++;
  }
}
