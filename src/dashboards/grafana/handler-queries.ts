import { LABEL } from '../../catalogue';
import type { DeclaredFamily, DeclaredFamilies } from './declared-families';
import { countOf, quantileOf, type Histogram } from './histogram-queries';
import { firstOf, METHOD_LABELS, OF_METHOD, RATE_INTERVAL, shareOf, sumOfRate } from './promql';

type ErrorKind = 'declared' | 'undeclared';

interface ErrorSelection {
  readonly kind?: ErrorKind;
  readonly range?: string;
  readonly by?: string;
}

/**
 * Queries over all families of a kind. A method that two families of a kind measure is taken from the first, so that no
 * call counts twice. An expression is undefined where nothing of the kind is declared.
 */
export class HandlerQueries {
  constructor(readonly families: DeclaredFamilies) {}

  /** Calls per second of each method. */
  calls(range = RATE_INTERVAL): string | undefined {
    const { counted, countedByTimed } = this.families;
    return union([
      ...counted.map(({ name }) => sumOfRate(METHOD_LABELS, `${name}{${OF_METHOD}}`, range)),
      ...countedByTimed.map((family) => countOf(histogramOf(family), METHOD_LABELS, range)),
    ]);
  }

  /** Failed calls per second: of one kind or of both, by methods or by other labels. */
  errors({ kind, range = RATE_INTERVAL, by = METHOD_LABELS }: ErrorSelection): string | undefined {
    const ofKind = kind === undefined ? '' : `, ${LABEL.exceptionKind}="${kind}"`;
    return union(
      this.families.errorsCounted.map(({ name }) =>
        sumOfRate(by, `${name}{${OF_METHOD}${ofKind}}`, range),
      ),
    );
  }

  /** The share of calls that failed in this way, of each method. */
  errorShare(kind: ErrorKind, range = RATE_INTERVAL): string | undefined {
    const [errors, calls] = [this.errors({ kind, range }), this.calls(range)];
    if (errors === undefined || calls === undefined) return undefined;
    return shareOf(errors, calls);
  }

  /** The share of calls that failed in this way, of all methods together. */
  totalErrorShare(kind: ErrorKind): string | undefined {
    const [errors, calls] = [this.errors({ kind }), this.calls()];
    if (errors === undefined || calls === undefined) return undefined;
    return shareOf(`sum(${errors})`, `sum(${calls})`);
  }

  /**
   * A quantile of the latency of each method that was called. Of a summary it is the highest among its processes, since
   * quantiles cannot be added up, and it has to be among those that are declared.
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
    // Without calls a quantile is NaN, which no comparison lets through.
    return found === undefined ? undefined : `${found} >= 0`;
  }

  /** Every quantile that summaries have. */
  summaryQuantiles(): string | undefined {
    return union(
      this.families.timed
        .filter(isSummary)
        .map(({ name }) => `max by (${METHOD_LABELS}, quantile) (${name}{${OF_METHOD}})`),
    );
  }

  /** Calls that each method is working on. */
  inFlight(): string | undefined {
    return union(
      this.families.inFlight.map(({ name }) => `sum by (${METHOD_LABELS}) (${name}{${OF_METHOD}})`),
    );
  }
}

function union(expressions: readonly string[]): string | undefined {
  return expressions.length === 0 ? undefined : firstOf(expressions);
}

export function isSummary({ metrics }: DeclaredFamily): boolean {
  return metrics.some(({ type }) => type === 'summary');
}

export function histogramOf({ name, metrics }: DeclaredFamily): Histogram {
  return { name, native: metrics.some(({ native }) => native === true) };
}
