import { LABEL } from '../../metrics/catalogue';
import { NOT_DECLARED } from '../promql';
import type { DeclaredFamilies, DeclaredFamily } from './declared-families';
import {
  countOf,
  firstOf,
  type Histogram,
  METHOD_LABELS,
  OF_METHOD,
  quantileOf,
  RATE_INTERVAL,
  ratioOf,
  sumOfRate,
} from './expressions';

type ErrorKind = 'declared' | 'undeclared';

const MATCHERS: Readonly<Record<ErrorKind, string>> = {
  declared: `${LABEL.exceptionKind}="declared"`,
  undeclared: NOT_DECLARED,
};

interface ErrorSelection {
  readonly kind?: ErrorKind;
  readonly range?: string;
  readonly by?: string;
}

/**
 * Queries all families of a kind at once. If two families of a kind measure a method, the first one is used, so that no
 * call counts twice. An expression is undefined if nothing of its kind is declared.
 */
export class HandlerQueries {
  constructor(readonly families: DeclaredFamilies) {}

  /** Calls per second by method. */
  calls(range = RATE_INTERVAL): string | undefined {
    const { counted, countedByTimed } = this.families;
    return union([
      ...counted.map(({ name }) => sumOfRate(METHOD_LABELS, `${name}{${OF_METHOD}}`, range)),
      ...countedByTimed.map((family) => countOf(histogramOf(family), METHOD_LABELS, range)),
    ]);
  }

  /** Failed calls per second, by method unless `by` names other labels. Without `kind`, includes both kinds. */
  errors({ kind, range = RATE_INTERVAL, by = METHOD_LABELS }: ErrorSelection): string | undefined {
    const ofKind = kind === undefined ? '' : `, ${MATCHERS[kind]}`;
    return union(
      this.families.errorsCounted.map(({ name }) =>
        sumOfRate(by, `${name}{${OF_METHOD}${ofKind}}`, range),
      ),
    );
  }

  /** Fraction of calls that fail with an exception of this kind, by method. */
  errorRatio(kind: ErrorKind, range = RATE_INTERVAL): string | undefined {
    const [errors, calls] = [this.errors({ kind, range }), this.calls(range)];
    if (errors === undefined || calls === undefined) return undefined;
    return ratioOf(errors, calls);
  }

  /** Fraction of calls that fail with an exception of this kind, over all methods. */
  totalErrorRatio(kind: ErrorKind): string | undefined {
    const [errors, calls] = [this.errors({ kind }), this.calls()];
    if (errors === undefined || calls === undefined) return undefined;
    return ratioOf(`sum(${errors})`, `sum(${calls})`);
  }

  /**
   * Latency quantile by method, for methods that were called. For a summary it is the highest value among the processes,
   * because quantiles cannot be added up, and it is available only if the summary declares it.
   */
  latency(quantile: number, range = RATE_INTERVAL): string | undefined {
    const found = union(
      this.families.timed.flatMap((family) => {
        if (!isSummary(family)) {
          return [quantileOf(histogramOf(family), quantile, METHOD_LABELS, range)];
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

/** Returns the histogram with the name of the family. */
export function histogramOf({ name, metrics }: DeclaredFamily): Histogram {
  return { name, native: metrics.some(({ native }) => native === true) };
}
