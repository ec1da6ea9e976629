import type { Runtime } from '../../../runtime/runtime';
import { STORE_INTERVAL, WORKER_METRIC_DEADLINE } from '../../deadlines';
import { milliseconds, startTimeout } from '../../../metrics/clock';
import { TimeBudget } from '../../../runtime/time-budget';
import type { WorkerValues } from '../peer';
import type { PeerSet } from '../peer-set';
import { type Content, finalContents, ownContents } from '../worker-report';
import type { ReportStore } from './report-store';

/** The wait before the next report, as a multiple of the time that writing the last one took. */
const WAIT_FACTOR = 50;

/** The reports of this process, each of which is stored before it is complete. */
export class StoredReports {
  /** The families that were stored last without being requested. */
  private stored: readonly string[] = [];
  private readonly budget = new TimeBudget();

  constructor(
    private readonly runtime: Runtime,
    private readonly own: PeerSet,
    private readonly store: ReportStore,
  ) {}

  /** Stores a report now and then, because a process that is killed cannot. */
  keepStoring(): void {
    const next = async (): Promise<void> => {
      const from = milliseconds();
      try {
        await this.storeFamilies();
      } catch (error) {
        this.runtime.faults.report('worker', error);
      }
      schedule(Math.max(STORE_INTERVAL, WAIT_FACTOR * (milliseconds() - from)));
    };
    const schedule = (time: number): void => {
      startTimeout(() => void next(), time).unref();
    };
    schedule(STORE_INTERVAL);
  }

  /** Stores the families of this package. Only a scrape collects the user's metrics, which may take long. */
  private async storeFamilies(): Promise<void> {
    const number = this.store.start();
    const families: string[] = [];
    for (const { body } of finalContents(this.runtime, this.own.latest())) {
      families.push(body);
      // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
      if (this.budget.isSpent()) await this.budget.yield();
    }
    if (isEqual(families, this.stored)) return;
    await this.store.save(number, { families });
    this.stored = families;
  }

  /** Stores a report, and returns it. */
  async report(): Promise<WorkerValues> {
    const contents = this.contents();
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- the contents come one after another
      const { done, value } = await contents.next();
      if (done === true) return value;
      // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
      if (this.budget.isSpent()) await this.budget.yield();
    }
  }

  /** The contents of a report, which is stored when the last of them is requested. */
  async *contents(): AsyncGenerator<Content, WorkerValues> {
    const number = this.store.start();
    const values = { families: [] as string[], userMetrics: [] as string[] };
    for await (const content of ownContents(this.runtime, () =>
      this.own.collect(WORKER_METRIC_DEADLINE),
    )) {
      values[content.kind].push(content.body);
      yield content;
    }
    await this.store.save(number, values);
    return values;
  }

  /** Stores a report at once. Never throws. */
  storeFinal(): void {
    try {
      const families: string[] = [];
      for (const { body } of finalContents(this.runtime, this.own.latest())) families.push(body);
      this.store.saveFinal({ families });
    } catch (error) {
      this.runtime.faults.report('worker', error);
    }
  }
}

function isEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, i) => each === others[i]);
}
