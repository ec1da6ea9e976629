import { CATALOGUE, LABEL, type CatalogueEntry } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import { type CellIndex, OTHER } from '../../metrics/variable-series';
import type { CallerFailures } from '../../recording/cells';
import { UNKNOWN } from '../../recording/guards';
import { LabelRows, type Row } from '../../recording/label-rows';
import { boundLabelValue } from '../../recording/label-value';
import { PACKAGE } from '../../runtime/families';
import type { Runtime } from '../../runtime/runtime';

const REQUESTS = CATALOGUE.callerRequests;
const FAILURES = CATALOGUE.callerFailedRequests;

/** The metrics that have a cell for each caller. */
interface CallerCells {
  requests: CounterCell;
  failedRequests: CounterCell;
}

/** Counts the calls of one service by the names of the callers, as many as the series limit allows. */
export class ServiceCallers extends LabelRows<CallerCells, CallsOfCaller> {
  private readonly requests = this.column<'counter'>('requests');
  private readonly failures = this.column<'counter'>('failedRequests');

  constructor(
    private readonly runtime: Runtime,
    private readonly service: string,
  ) {
    super();
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
    const known = this.byValue.get(caller);
    if (known !== undefined && known.requests !== null) {
      known.requests.value++;
      return known;
    }
    const { cell, kept } = this.cellOf(REQUESTS, this.requests, caller);
    cell.value++;
    if (kept) return this.keep(this.rowOf([caller]), 'requests', cell);
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
    const known = this.byValue.get(caller);
    if (known !== undefined && known.failedRequests !== null) return known.failedRequests;
    const { cell, kept } = this.cellOf(FAILURES, this.failures, caller);
    if (kept) this.keep(this.rowOf([caller]), 'failedRequests', cell);
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

  protected override createRow(caller: string): CallsOfCaller {
    return new CallsOfCaller(this, caller);
  }

  protected override isEmpty({ requests, failedRequests }: CallsOfCaller): boolean {
    return (requests ?? failedRequests) === null;
  }

  private excludes({ name }: CatalogueEntry): boolean {
    const { policy } = this.runtime.settings;
    return !policy.isEmpty && policy.isExcluded(name, { service: this.service, method: null });
  }
}

/**
 * The cells of one caller of a service. Each is null until it is needed, and after its series has expired. A call in progress
 * can hold one that is no longer known to its service.
 */
export class CallsOfCaller implements CallerFailures, Row {
  requests: CounterCell | null = null;
  failedRequests: CounterCell | null = null;

  constructor(
    private readonly callers: ServiceCallers,
    /** The name of the caller. */
    readonly value: string,
  ) {}

  /** Creates the series of failed calls. */
  begin(): void {
    if (this.failedRequests === null) this.callers.failuresOf(this.value);
  }

  count(): void {
    if (this.failedRequests === null) this.callers.countFailure(this.value);
    else this.failedRequests.value++;
  }
}
