import type { DeclaredMethod } from '../../declaration/describe';
import { type ObjectiveIndicator, objectiveIndicators } from '../../slo/objective-indicator';
import { percentOf } from '../../slo/percent';
import { burnRates } from '../../slo/burn-rates';
import { callsExpression, failuresExpression } from '../call-expressions';
import { groupBy } from '../group-by';
import type { HistogramStorage } from '../histogram-expressions';
import { NOT_DECLARED, quote } from '../promql';
import { OBJECTIVE_LABEL, recordName } from '../rules/recorded-series';
import {
  gaugeIn,
  matchersOf,
  METHOD_LABELS,
  OF_CHOSEN_METHOD,
  OF_JOB,
  OF_METHOD,
  type OverRange,
  RATE_INTERVAL,
  ratioAbove,
  ratioOf,
} from './expressions';

/** Methods of one service whose objectives have the same target and the same metrics. */
interface ObjectiveGroup {
  /** The target as people read it. */
  readonly title: string;
  readonly indicator: ObjectiveIndicator;
  /** Matches the methods. */
  readonly matchers: string;
}

/** Label that holds the title of an objective, as a column of the table. */
export const OBJECTIVE_COLUMN = 'objective';

/** Where the dashboard reads objectives: the series that the generated rules record, or the metrics themselves. */
export type ObjectiveSource = 'recorded' | 'raw';

/** Queries all objectives that the declared metrics can measure. An expression is undefined if there are none. */
export class ObjectiveQueries {
  readonly #groups: readonly ObjectiveGroup[];

  constructor(
    methods: readonly DeclaredMethod[],
    readonly source: ObjectiveSource,
    private readonly storage: HistogramStorage,
  ) {
    this.#groups = objectiveGroups(methods);
  }

  /** Remaining fraction of the error budget: 1 is all of it, below 0 the objective is missed. */
  remainingBudget(): string | undefined {
    return this.#each((group) => {
      if (this.source === 'recorded') return recordedBudget(group);
      const { window, target } = group.indicator;
      return `1 - ${this.#badRatio(group, window)} / (1 - ${target})`;
    });
  }

  /** Rate at which the budget is spent, as a multiple of the allowed rate: 1 spends it in exactly one window. */
  burnRate(window: string): string | undefined {
    return this.#burnRate((group) =>
      this.source === 'recorded' && isRecorded(group.indicator, window)
        ? recordedBadRatio(group, window)
        : this.#badRatio(group, window),
    );
  }

  /** The burn rate at each point, for {@link largest}. */
  burnRateOver(window: string): OverRange<string | undefined> {
    return (range) => {
      const rate = this.#burnRate((group) => {
        if (this.source === 'recorded' && isRecorded(group.indicator, window)) {
          return gaugeIn(recordedBadRatio(group, window), range);
        }
        return this.#badRatio(group, range === RATE_INTERVAL ? window : range);
      });
      return rate && `(${rate})`;
    };
  }

  #burnRate(badRatio: (group: ObjectiveGroup) => string): string | undefined {
    return this.#each((group) => `${badRatio(group)} / (1 - ${group.indicator.target})`);
  }

  #each(expressionOf: (group: ObjectiveGroup) => string): string | undefined {
    if (this.#groups.length === 0) return undefined;
    return this.#groups
      .map((group) => {
        const label = `"${OBJECTIVE_COLUMN}", ${quote(group.title)}, "", ""`;
        return `label_replace(${expressionOf(group)}, ${label})`;
      })
      .join(' or ');
  }

  /** Fraction of bad calls of the selected methods over a time. */
  #badRatio({ indicator, matchers }: ObjectiveGroup, range: string): string {
    const selection = `${OF_METHOD}, ${matchers}`;
    if (indicator.kind === 'latency') {
      const { latency, within } = indicator;
      const histogram = { name: latency.name, storage: this.storage };
      return ratioAbove(histogram, within, METHOD_LABELS, range, selection);
    }
    const { calls, failures, declaredExceptionsAreErrors } = indicator;
    const isBad = declaredExceptionsAreErrors ? '' : `, ${NOT_DECLARED}`;
    const of = { by: METHOD_LABELS, storage: this.storage };
    return ratioOf(
      failuresExpression(failures, { ...of, matchers: selection + isBad })(range),
      callsExpression(calls, { ...of, matchers: selection })(range),
    );
  }
}

function objectiveGroups(methods: readonly DeclaredMethod[]): ObjectiveGroup[] {
  const indicators = methods
    .flatMap(objectiveIndicators)
    .filter((indicator) => indicator.kind !== 'unmeasured');
  const groups = groupBy(indicators, (indicator) =>
    JSON.stringify([indicator.service, titleOf(indicator), metricsOf(indicator)]),
  );
  return [...groups.values()].flatMap((members) => {
    const [indicator] = members;
    if (indicator === undefined) return [];
    return [{ title: titleOf(indicator), indicator, matchers: matchersOf(members).join(', ') }];
  });
}

/** What tells the metrics of an objective from those of another. */
function metricsOf(indicator: ObjectiveIndicator): unknown {
  if (indicator.kind === 'latency') return indicator.latency.name;
  const { calls, failures } = indicator;
  return [calls.name, calls.kind, failures.by === 'kind' ? failures.name : failures.metric.name];
}

function titleOf(indicator: ObjectiveIndicator): string {
  const percent = percentOf(indicator.target);
  if (indicator.kind === 'latency') {
    return `${percent}% within ${indicator.within} s over ${indicator.window}`;
  }
  const bad = indicator.declaredExceptionsAreErrors ? 'exceptions' : 'errors';
  return `${percent}% without ${bad} over ${indicator.window}`;
}

/** Whether the generated rules record the fraction of bad calls over a window. */
function isRecorded({ window, target }: ObjectiveIndicator, range: string): boolean {
  return burnRates(window, target).some(({ long, short }) => range === long || range === short);
}

// Recorded series have no instance: their values are those of a whole job.

function recordedBadRatio({ indicator, matchers }: ObjectiveGroup, window: string): string {
  return recorded(
    recordName('thrift_objective_errors', `ratio_rate${window}`),
    indicator,
    matchers,
  );
}

function recordedBudget({ indicator, matchers }: ObjectiveGroup): string {
  return recorded(
    recordName('thrift_objective_error_budget', 'remaining_ratio'),
    indicator,
    matchers,
  );
}

function recorded(name: string, { kind }: ObjectiveIndicator, matchers: string): string {
  return `${name}{${OF_JOB}, ${OF_CHOSEN_METHOD}, ${OBJECTIVE_LABEL}="${kind}", ${matchers}}`;
}
