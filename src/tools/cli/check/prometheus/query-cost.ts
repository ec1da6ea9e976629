import { finding, type Finding } from '../check-rules';

/** What the evaluation of one panel or rule cost. */
export interface QueryCost {
  readonly shownBy: string;
  /** Samples read, for all points of a line. */
  readonly samples: number;
}

/** Points of a line in a panel of usual width. Prometheus evaluates the query at each of them. */
export const POINTS_OF_A_LINE = 250;

/** Finds panels and rules that read many samples each time. */
export function* lintQueryCost(
  costs: readonly QueryCost[],
  maxSamples: number,
): Generator<Finding> {
  const expensive = costs.filter(({ samples }) => samples > maxSamples);
  for (const { shownBy, samples } of expensive.toSorted((a, b) => b.samples - a.samples)) {
    const text = `${shownBy} reads ${samples} samples each time, more than ${maxSamples}; select fewer jobs, services or methods, scrape less often, or reduce the series`;
    yield finding('expensive-query', '-', text);
  }
}
