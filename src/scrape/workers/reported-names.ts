import type { FaultSink } from '../../recording/guards';
import { TimeBudget } from '../../runtime/time-budget';
import type { NamedMetric } from '../metric-filter';
import { parseFamilies } from './encoded-family';
import { decodeUserMetrics } from './encoded-user-metric';
import type { WorkerValues } from './peer';

/** The names of the metrics in reports of workers. Each report is read once, when its names are needed. */
export class ReportedNames {
  private readonly byReport = new WeakMap<WorkerValues, Promise<readonly NamedMetric[]>>();

  constructor(private readonly faults: FaultSink) {}

  async of(reports: readonly WorkerValues[]): Promise<NamedMetric[]> {
    const metrics = await Promise.all(
      reports.map((report) => {
        const known = this.byReport.get(report) ?? this.read(report);
        this.byReport.set(report, known);
        return known;
      }),
    );
    return metrics.flat();
  }

  private async read({ families, userMetrics }: WorkerValues): Promise<readonly NamedMetric[]> {
    const budget = new TimeBudget();
    const types = new Map<string, string>();
    for (const body of families) {
      for (const { name, type } of this.parse(body)) types.set(name, type);
      // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
      if (budget.isSpent()) await budget.yield();
    }
    for (const body of userMetrics) {
      for (const { name, type } of decodeUserMetrics(this.faults, body)) types.set(name, type);
      // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
      if (budget.isSpent()) await budget.yield();
    }
    return [...types].map(([name, type]) => ({ name, type }));
  }

  private parse(body: string): readonly NamedMetric[] {
    try {
      return parseFamilies(body);
    } catch {
      // The sum reports what it cannot decode.
      return [];
    }
  }
}
