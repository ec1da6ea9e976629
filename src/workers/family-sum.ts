import { ThriftMetricsError } from '../errors';
import type { FamilyView } from '../metrics/family';
import type { SummaryCell } from '../metrics/summary-cell';
import { faults } from '../registry/faults';
import { parseFamilies, type EncodedFamily } from './encoded-family';
import { SummedFamily } from './summed-family';

/** Families of this package, summed over processes and threads. */
export class FamilySum {
  private readonly byName = new Map<string, SummedFamily>();
  private readonly refused = new Set<string>();

  /** Only families that are wanted are summed. */
  constructor(private readonly isWanted: (metric: { name: string; type: string }) => boolean) {}

  get families(): readonly FamilyView[] {
    return [...this.byName.values()];
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  add(family: EncodedFamily): void {
    const { name, type } = family;
    let sum = this.byName.get(name);
    if (sum === undefined) {
      if (!this.isWanted(family)) return;
      this.byName.set(name, (sum = new SummedFamily(family)));
    }
    if (sum.type === type) sum.add(family);
    else this.refuse(name, `is a ${sum.type} in one process and a ${type} in another`);
  }

  /** Adds what was sent. What cannot be read is left out and reported. */
  addBody(body: string): void {
    try {
      for (const family of parseFamilies(body)) this.add(family);
    } catch (error) {
      faults.report('worker', error);
    }
  }

  /** For what is over: of summaries only count and sum stay. */
  forgetWindows(): void {
    for (const family of this.byName.values()) {
      if (family.type !== 'summary') continue;
      for (const { cell } of family.series()) (cell as SummaryCell).forgetWindow();
    }
  }

  /** Reports that a metric is left out, once in each sum. */
  refuse(name: string, why: string): void {
    if (this.refused.has(name)) return;
    this.refused.add(name);
    faults.report(
      `sum:${name}`,
      new ThriftMetricsError(
        'TM_ERR_TYPE_CONFLICT',
        `metric '${name}' ${why}; the sum over all leaves the latter out`,
      ),
    );
  }
}
