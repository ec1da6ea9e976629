import type { DeclaredMethod } from '../../../declaration/describe';
import { CommandError } from '../command-line';
import { readDeclared } from '../endpoint-methods';
import { ExpositionError, expositionSteps } from '../exposition';
import { type RequestOptions, withoutSecrets } from '../http-request';
import { firstLine } from '../output';
import { scrape } from '../scrape-endpoint';
import { type ServedMetrics, withBuiltInNames } from '../served-metrics';
import { finishInSlices } from '../steps';
import { type CallerSeries, callerSeriesOf } from './caller-series';
import {
  type Changed,
  type CountedSeries,
  increaseOf,
  isGauge,
  methodKeyOf,
  type MethodSeries,
  methodSeriesSteps,
  type SeriesChange,
} from './method-series';

/** Seconds after which the declaration is read again, because a policy may have changed an objective. */
const DECLARATION_AGE = 60;

/** What an instance served at a scrape. */
interface Served {
  /** Time on the monotonic clock, in seconds. */
  readonly at: number;
  readonly methods: readonly MethodSeries[];
  /** All series by their keys. */
  readonly series: ReadonlyMap<string, CountedSeries>;
}

/** One endpoint that `top` watches. */
export class Instance {
  readonly url: string;
  /** Why the last scrape failed, or null if it succeeded. */
  error: string | null = null;
  /** When an instance that was up stopped answering, or null if it has not. */
  lostAt: Date | null = null;
  /** What methods and clients have done since the previous scrape. Empty if the last scrape failed. */
  changes: readonly SeriesChange[] = [];
  callers: readonly Changed<CallerSeries>[] = [];
  /** The methods that the process declares, with their objectives. Empty if it does not describe itself. */
  declared: readonly DeclaredMethod[] = [];
  private declaredAt = -Infinity;
  private before: Served | null = null;

  constructor(
    readonly endpoint: URL,
    readonly options: RequestOptions,
  ) {
    this.url = withoutSecrets(endpoint);
  }

  /** Scrapes the endpoint, and updates the public fields. */
  async refresh(): Promise<void> {
    try {
      const { text } = await scrape(this.endpoint, 'text', this.options);
      const at = performance.now() / 1000;
      // In slices, because a large program serves hundreds of thousands of lines.
      const served = withBuiltInNames(await finishInSlices(expositionSteps(text, 'text')));
      const methods = await finishInSlices(methodSeriesSteps(served.families));
      const known = this.before?.methods.length;
      this.update(methods, callerSeriesOf(served.families), at);
      if (this.before?.methods.length !== known) this.declaredAt = -Infinity;
      await this.refreshDeclared(served);
      this.error = null;
      this.lostAt = null;
    } catch (error) {
      if (error instanceof CommandError) this.error = firstLine(error);
      else if (error instanceof ExpositionError) {
        this.error = `${this.url} does not serve valid text 0.0.4: ${firstLine(error)}. Examine it with thrift-metrics check.`;
      } else throw error;
      this.changes = [];
      this.callers = [];
      // Another version of the program may answer next.
      this.declaredAt = -Infinity;
      if (this.before !== null) this.lostAt ??= new Date();
    }
  }

  /** The methods and clients that an instance served before it was lost. Empty if it is up. */
  lostMethods(): readonly MethodSeries[] {
    return this.lostAt === null ? [] : (this.before?.methods ?? []);
  }

  private update(
    methods: readonly MethodSeries[],
    callers: readonly CallerSeries[],
    at: number,
  ): void {
    const { before } = this;
    const seconds = before === null ? 0 : at - before.at;
    const changeOf = <Series extends CountedSeries>(each: Series): Changed<Series> => {
      const { key, sinceStart } = each;
      const values =
        before === null ? sinceStart : increaseOf(sinceStart, before.series.get(key)?.sinceStart);
      return { ...each, seconds, values };
    };
    this.changes = methods.map((each) =>
      isGauge(each.kind) ? { ...each, seconds, values: each.sinceStart } : changeOf(each),
    );
    this.callers = callers.map(changeOf);
    const series = new Map([...methods, ...callers].map((each) => [each.key, each]));
    this.before = { at, methods: oneOfEach(methods), series };
  }

  /** Reads the declaration unless it is recent. */
  private async refreshDeclared({ labelNames }: ServedMetrics): Promise<void> {
    const now = performance.now() / 1000;
    if (now - this.declaredAt < DECLARATION_AGE) return;
    this.declaredAt = now;
    this.declared = await readDeclared(this.endpoint, labelNames, this.options);
  }
}

function oneOfEach(methods: readonly MethodSeries[]): MethodSeries[] {
  return [...new Map(methods.map((each) => [methodKeyOf(each), each])).values()];
}
