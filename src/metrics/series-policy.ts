import type { Labels } from './labels';

/** What the rules of the policy say about one metric of one method, or about one metric that has no methods. */
export interface Ruling {
  /** Whether the series are not shown. */
  readonly isExcluded: boolean;
  /** Upper bounds of a histogram, or null if no rule sets them. */
  readonly buckets: readonly number[] | null;
  /** Whether a histogram has native buckets, or null if no rule says. */
  readonly native: boolean | null;
  /** Built-in names of the labels over which series are summed. */
  readonly dropped: readonly string[];
}

/** The part of the policy that families read. */
export interface SeriesPolicy {
  /** Returns null if no rule concerns the series with these labels. */
  rulingOf(metric: string, labels: Labels): Ruling | null;
  /** Whether a rule may drop a label of a metric. */
  mayDrop(metric: string): boolean;
}
