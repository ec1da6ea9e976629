import type { FamilyView } from '../../metrics/family';
import type { SummaryCell } from '../../metrics/summary-cell';
import { BUILT_IN_NAMES, LabelNames } from '../../metrics/label-names';
import type { FaultSink } from '../../recording/guards';
import { ThriftMetricsError } from '../../validation/errors';
import type { MetricFilter } from '../metric-filter';
import { type EncodedFamily, parseFamilies } from './encoded-family';
import { SummedFamily } from './summed-family';

/** The wanted families of this package, summed over processes and threads. */
export class FamilySum {
  private readonly byName = new Map<string, SummedFamily>();
  private readonly refused = new Set<string>();
  private names: LabelNames = BUILT_IN_NAMES;

  constructor(
    private readonly faults: FaultSink,
    private readonly isWanted: MetricFilter,
  ) {}

  /** The names of built-in labels in the first process that renames any. The process that serves the sum comes first. */
  get labelNames(): LabelNames {
    return this.names;
  }

  families(): readonly FamilyView[] {
    return [...this.byName.values()];
  }

  add(family: EncodedFamily): void {
    const { name, type, labelNames } = family;
    if (labelNames !== undefined && this.names.isDefault) this.names = new LabelNames(labelNames);
    let sum = this.byName.get(name);
    if (sum === undefined) {
      if (!this.isWanted(family)) return;
      this.byName.set(name, (sum = new SummedFamily(family)));
    }
    if (sum.type === type) sum.add(family);
    else this.refuse(name, `is a ${sum.type} in one process and a ${type} in another`);
  }

  /** Adds the families of a message. What cannot be decoded is left out and reported. */
  addBody(body: string): void {
    try {
      for (const family of parseFamilies(body)) this.add(family);
    } catch (error) {
      this.faults.report('worker', error);
    }
  }

  /** Keeps only count and sum of each summary, for workers that are gone. */
  forgetWindows(): void {
    for (const family of this.byName.values()) {
      if (family.type !== 'summary') continue;
      for (const { cell } of family.shown()) (cell as SummaryCell).forgetWindow();
    }
  }

  /** Whether the sum has a family with the name of this user's metric, which is then left out and reported. */
  refuseUserMetric(name: string): boolean {
    if (!this.byName.has(name)) return false;
    this.refuse(name, 'belongs to thrift-metrics in one process and to the application in another');
    return true;
  }

  private refuse(name: string, conflict: string): void {
    if (this.refused.has(name)) return;
    this.refused.add(name);
    this.faults.report(
      `sum:${name}`,
      new ThriftMetricsError(
        'TM_ERR_TYPE_CONFLICT',
        `Metric '${name}' ${conflict}. The sum over all processes has only the values of the first. Rename one of the two metrics.`,
      ),
    );
  }
}
