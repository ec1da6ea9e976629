import { LABEL } from '../../metrics/catalogue';
import type { HistogramStorage } from '../histogram-expressions';
import { NOT_DECLARED } from '../promql';
import type { DeclaredFamilies, DeclaredFamily } from './declared-families';
import {
  countOf,
  firstOf,
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
  ) {}

  /** Returns the histogram with the name of the family. A summary has no buckets of either kind. */
  histogramOf(family: DeclaredFamily): Histogram {
    return { name: family.name, native: this.storage === 'any' && !isSummary(family) };
  }

  /** Calls per second by method. */
  calls(range = RATE_INTERVAL): string | undefined {
    const { counted, countedByTimed } = this.families;
    return union([
      ...counted.map(({ name }) => sumOfRate(METHOD_LABELS, `${name}{${OF_METHOD}}`, range)),
      ...countedByTimed.map((family) => countOf(this.histogramOf(family), METHOD_LABELS, range)),
    ]);
  }

  /** Failed calls per second by method, of every kind. */
  failed(range = RATE_INTERVAL): string | undefined {
    const { failedByTimed } = this.families;
    const failures = `${OF_METHOD}, ${LABEL.success}="false"`;
    return union([
      ...this.failedOfKinds([OF_METHOD], range),
      ...failedByTimed.map((family) =>
        countOf(this.histogramOf(family), METHOD_LABELS, range, failures),
      ),
    ]);
  }

  /** Bad calls per second by method: those that count against an objective. */
  bad(range = RATE_INTERVAL): string | undefined {
    const { failedByTimed, strict } = this.families;
    const selectors = matchersOf(strict).map((matchers) => `${OF_METHOD}, ${matchers}`);
    return union([
      ...this.failedOfKinds([...selectors, `${OF_METHOD}, ${NOT_DECLARED}`], range),
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

  /** Fraction of calls that are failed or bad, by method. */
  ratio(of: 'failed' | 'bad', range = RATE_INTERVAL): string | undefined {
    const [part, calls] = [this[of](range), this.calls(range)];
    return part === undefined || calls === undefined ? undefined : ratioOf(part, calls);
  }

  /** Fraction of calls that are failed or bad, over all methods. */
  totalRatio(of: 'failed' | 'bad'): string | undefined {
    const [part, calls] = [this[of](), this.calls()];
    if (part === undefined || calls === undefined) return undefined;
    return ratioOf(`sum(${part})`, `sum(${calls})`);
  }

  /** Failed calls per second, by the labels that `by` names, such as the type of the error. */
  errors(by: string): string | undefined {
    return union(
      this.families.errorsCounted.map(({ name }) => sumOfRate(by, `${name}{${OF_METHOD}}`)),
    );
  }

  /**
   * Latency quantile by method, for methods that were called. For a summary it is the highest value among the processes,
   * because quantiles cannot be added up, and it is available only if the summary declares it.
   */
  latency(quantile: number, range = RATE_INTERVAL): string | undefined {
    const found = union(
      this.families.timed.flatMap((family) => {
        if (!isSummary(family)) {
          return [quantileOf(this.histogramOf(family), quantile, METHOD_LABELS, range)];
        }
        if (!family.metrics.some(({ quantiles }) => quantiles?.includes(quantile))) return [];
        const series = `${family.name}{${OF_METHOD}, quantile="${quantile}"}`;
        return [`max by (${METHOD_LABELS}) (${series})`];
      }),
    );
    // Without calls a quantile is NaN, which the comparison drops.
    return found === undefined ? undefined : `${found} >= 0`;
  }

  /** All declared quantiles of summaries, by method. */
  summaryQuantiles(): string | undefined {
    return union(
      this.families.timed
        .filter(isSummary)
        .map(({ name }) => `max by (${METHOD_LABELS}, quantile) (${name}{${OF_METHOD}})`),
    );
  }

  /** Calls in flight by method. */
  inFlight(): string | undefined {
    return union(
      this.families.inFlight.map(({ name }) => `sum by (${METHOD_LABELS}) (${name}{${OF_METHOD}})`),
    );
  }
}

function union(expressions: readonly string[]): string | undefined {
  return expressions.length === 0 ? undefined : firstOf(expressions);
}

/** Whether methods declare the family with quantiles. */
export function isSummary({ metrics }: DeclaredFamily): boolean {
  return metrics.some(({ type }) => type === 'summary');
}
