import { LABEL } from '../../metrics/catalogue';
import type { HistogramStorage } from '../histogram-expressions';
import { NOT_DECLARED } from '../promql';
import type { DeclaredFamilies, DeclaredFamily } from './declared-families';
import type { GrafanaMapping } from './model';
import {
  countOf,
  firstOf,
  gaugeOf,
  type Histogram,
  matchersOf,
  METHOD_LABELS,
  OF_METHOD,
  quantileOf,
  RATE_INTERVAL,
  ratioOf,
  sumOfRate,
} from './expressions';

/**
 * Queries all families of a kind at once. If two families of a kind measure a method, the first one is used, so that no
 * call counts twice. An expression is undefined if nothing of its kind is declared.
 */
export class HandlerQueries {
  constructor(
    readonly families: DeclaredFamilies,
    /** Name of the counter of failed calls by kind, including the prefix. */
    private readonly failedRequests: string,
    private readonly storage: HistogramStorage,
    /** Matchers for the methods, without braces. */
    private readonly methods = OF_METHOD,
  ) {}

  /** Calls per second by method. */
  calls(range = RATE_INTERVAL): string | undefined {
    return union(this.callsOf(this.methods, range));
  }

  /** Calls per second by method, of the methods that also count their failed or bad calls. */
  private callsCounting(of: 'failed' | 'bad', range: string): string | undefined {
    const methods = this.families.counting[of];
    if (methods === null) return this.calls(range);
    return union(
      matchersOf(methods).flatMap((matchers) =>
        this.callsOf(`${this.methods}, ${matchers}`, range),
      ),
    );
  }

  private callsOf(selector: string, range: string): string[] {
    const { counted, countedByTimed } = this.families;
    return [
      ...counted.map(({ name }) => sumOfRate(METHOD_LABELS, `${name}{${selector}}`, range)),
      ...countedByTimed.map((family) =>
        countOf(this.histogramOf(family), METHOD_LABELS, range, selector),
      ),
    ];
  }

  /** Failed calls per second by method, of every kind. */
  failed(range = RATE_INTERVAL): string | undefined {
    const { failedByTimed } = this.families;
    const failures = `${this.methods}, ${LABEL.success}="false"`;
    return union([
      ...this.failedOfKinds([this.methods], range),
      ...failedByTimed.map((family) =>
        countOf(this.histogramOf(family), METHOD_LABELS, range, failures),
      ),
    ]);
  }

  /** Bad calls per second by method: those that count against an objective. */
  bad(range = RATE_INTERVAL): string | undefined {
    const { failedByTimed, strict } = this.families;
    const selectors = matchersOf(strict).map((matchers) => `${this.methods}, ${matchers}`);
    return union([
      ...this.failedOfKinds([...selectors, `${this.methods}, ${NOT_DECLARED}`], range),
      ...failedByTimed.flatMap((family) =>
        selectors.map((selector) =>
          countOf(
            this.histogramOf(family),
            METHOD_LABELS,
            range,
            `${selector}, ${LABEL.success}="false"`,
          ),
        ),
      ),
    ]);
  }

  private failedOfKinds(selectors: readonly string[], range: string): string[] {
    if (this.families.errorsCounted.length === 0) return [];
    return selectors.map((selector) =>
      sumOfRate(METHOD_LABELS, `${this.failedRequests}{${selector}}`, range),
    );
  }

  /** Fraction of calls that are failed or bad, by method. Missing, not 0, for a method that does not count them. */
  ratio(of: 'failed' | 'bad', range = RATE_INTERVAL): string | undefined {
    const [part, calls] = [this[of](range), this.callsCounting(of, range)];
    return part === undefined || calls === undefined ? undefined : ratioOf(part, calls);
  }

  /** Fraction of calls that are failed or bad, over all methods that count them. */
  totalRatio(of: 'failed' | 'bad'): string | undefined {
    const [part, calls] = [this[of](), this.callsCounting(of, RATE_INTERVAL)];
    if (part === undefined || calls === undefined) return undefined;
    return ratioOf(`sum(${part})`, `sum(${calls})`);
  }

  /** Failed calls per second, by the labels that `by` names, such as the type of the error. */
  errors(by: string, range = RATE_INTERVAL): string | undefined {
    const { errorsCounted } = this.families;
    const summedBy = (labels: string): string | undefined =>
      union(errorsCounted.map(({ name }) => sumOfRate(labels, `${name}{${this.methods}}`, range)));
    if (errorsCounted.length <= 1) return summedBy(by);
    // Methods of different families have errors of the same type, which `or` would not add up.
    return `sum by (${by}) ${summedBy(`${METHOD_LABELS}, ${by}`)}`;
  }

  /**
   * Latency quantile by method, for methods that were called. For a summary it is the highest value among the processes,
   * because quantiles cannot be added up, and it is available only if the summary declares it.
   */
  latency(quantile: number, range = RATE_INTERVAL): string | undefined {
    const found = union(
      this.families.timed.flatMap((family) => {
        if (!isSummary(family)) {
          const histogram = this.histogramOf(family);
          return [quantileOf(histogram, quantile, METHOD_LABELS, range, this.methods)];
        }
        if (!family.metrics.some(({ quantiles }) => quantiles?.includes(quantile))) return [];
        const series = `${family.name}{${this.methods}, quantile="${quantile}"}`;
        return [gaugeOf('max', METHOD_LABELS, series)(range)];
      }),
    );
    // Without calls a quantile is NaN, which the comparison drops.
    return found === undefined ? undefined : `${found} >= 0`;
  }

  /** All declared quantiles of summaries, by method. */
  summaryQuantiles(range = RATE_INTERVAL): string | undefined {
    return union(
      this.families.timed
        .filter(isSummary)
        .map(({ name }) =>
          gaugeOf('max', `${METHOD_LABELS}, quantile`, `${name}{${this.methods}}`)(range),
        ),
    );
  }

  /** Calls in flight by method. */
  inFlight(range = RATE_INTERVAL): string | undefined {
    return union(
      this.families.inFlight.map(({ name }) =>
        gaugeOf('sum', METHOD_LABELS, `${name}{${this.methods}}`)(range),
      ),
    );
  }

  /**
   * Texts for latencies that classic buckets do not tell: below the lowest bound and above the highest. None if a method has
   * no buckets, or native ones that tell them.
   */
  outsideBuckets(): GrafanaMapping[] {
    const metrics = this.families.timed.flatMap((family) => family.metrics);
    const bounds = metrics.map(({ buckets = [], native }) => (native === true ? [] : buckets));
    if (metrics.length === 0 || bounds.some((each) => each.length === 0)) return [];
    const lowest = Math.min(...bounds.flat());
    const highest = Math.max(...bounds.flat());
    return [
      rangeMapping(0, { from: null, to: lowest, text: `< ${showSeconds(lowest)}` }),
      rangeMapping(1, { from: highest, to: null, text: `≥ ${showSeconds(highest)}` }),
    ];
  }

  /** The histogram with the name of a family. A summary has no native form. */
  histogramOf(family: DeclaredFamily): Histogram {
    return { name: family.name, storage: isSummary(family) ? 'classic' : this.storage };
  }
}

function rangeMapping(
  index: number,
  { from, to, text }: { from: number | null; to: number | null; text: string },
): GrafanaMapping {
  return { type: 'range', options: { from, to, result: { text, index } } };
}

function showSeconds(seconds: number): string {
  if (seconds < 0.001) return `${Number((seconds * 1e6).toPrecision(6))} µs`;
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(6))} ms`;
  return `${seconds} s`;
}

function union(expressions: readonly string[]): string | undefined {
  return expressions.length === 0 ? undefined : firstOf(expressions);
}

/** Whether methods declare the family with quantiles. */
export function isSummary({ metrics }: DeclaredFamily): boolean {
  return metrics.some(({ type }) => type === 'summary');
}
