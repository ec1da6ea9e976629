import { CATALOGUE, LABEL, type CatalogueEntry } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import { UNKNOWN } from '../../recording/guards';
import { LabelTree } from '../../recording/label-tree';
import { boundLabelValue } from '../../recording/label-value';
import { PACKAGE } from '../../runtime/families';
import { OTHER } from '../../runtime/series-limit';
import type { Runtime } from '../../runtime/runtime';

const REQUESTS = CATALOGUE.callerRequests;
const FAILURES = CATALOGUE.callerFailedRequests;

/** Counts the calls of one service by the names of the callers, as many as the series limit allows. */
export class ServiceCallers {
  private readonly known = new Map<string, CallsOfCaller>();

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
    if (this.runtime.settings.callers === true) this.find(UNKNOWN);
  }

  /**
   * Counts a call that is about to reach its handler, while callers are counted. Returns null for a call without a name unless
   * the program counts callers explicitly, because such calls would be the one series of most programs.
   */
  arrive(name: string | null): CallsOfCaller | null {
    if (name === null && this.runtime.settings.callers !== true) return null;
    const caller = this.find(name === null ? UNKNOWN : boundLabelValue(name));
    caller.requests.value++;
    return caller;
  }

  private find(name: string): CallsOfCaller {
    let caller = this.known.get(name);
    if (caller !== undefined) return caller;
    const { cell, kept } = this.cellOf(REQUESTS, name);
    // Past the limit of one metric, the other one must not tell the callers apart.
    const isOther = !kept && !this.excludes(REQUESTS);
    caller = new CallsOfCaller(cell, () => this.cellOf(FAILURES, isOther ? OTHER : name));
    if (kept) this.known.set(name, caller);
    return caller;
  }

  private cellOf(entry: CatalogueEntry & { type: 'counter' }, name: string) {
    const { families, seriesLimit } = this.runtime;
    const constant = { [LABEL.service]: this.service };
    const family = families.builtInOfCall(entry);
    const variable = family.variable(constant, [LABEL.caller], PACKAGE, new LabelTree());
    return seriesLimit.builtInCellOf(entry, variable, [name]);
  }

  private excludes({ name }: CatalogueEntry): boolean {
    const { policy } = this.runtime.settings;
    return !policy.isEmpty && policy.isExcluded(name, { service: this.service, method: null });
  }
}

/** The cells of one caller of a service. */
export class CallsOfCaller {
  private failedRequests: CounterCell | null = null;

  constructor(
    readonly requests: CounterCell,
    private readonly findFailures: () => { cell: CounterCell; kept: boolean },
  ) {}

  /** The series exists from the first call that reaches a measured handler, because other failures are not seen. */
  failures(): CounterCell {
    if (this.failedRequests !== null) return this.failedRequests;
    const { cell, kept } = this.findFailures();
    // A rule that excludes the series can end, so its cell is not the one of later calls.
    if (kept) this.failedRequests = cell;
    return cell;
  }
}
