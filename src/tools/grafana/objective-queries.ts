import type { DeclaredMethod } from '../../declaration/describe';
import { type ObjectiveIndicator, objectiveIndicators } from '../../slo/objective-indicator';
import { percentOf } from '../../slo/percent';
import { groupBy } from '../group-by';
import type { HistogramStorage } from '../histogram-expressions';
import { callsExpression, failuresExpression } from '../call-expressions';
import { NOT_DECLARED, quote } from '../promql';
import { matchersOf, METHOD_LABELS, OF_METHOD, ratioAbove, ratioOf } from './expressions';

/** Methods of one service whose objectives have the same target and the same metrics. */
interface ObjectiveGroup {
  /** The target as people read it. */
  readonly title: string;
  readonly indicator: ObjectiveIndicator;
  /** Selects the methods. */
  readonly selector: string;
}

/** Label that holds the title of an objective, as a column of the table. */
export const OBJECTIVE_COLUMN = 'objective';

/** Queries all objectives that the declared metrics can measure. An expression is undefined if there are none. */
export class ObjectiveQueries {
  readonly #groups: readonly ObjectiveGroup[];

  constructor(
    methods: readonly DeclaredMethod[],
    private readonly storage: HistogramStorage,
  ) {
    this.#groups = objectiveGroups(methods);
  }

  /** Remaining fraction of the error budget: 1 is all of it, below 0 the objective is missed. */
  remainingBudget(): string | undefined {
    return this.#each(({ indicator, selector }) => {
      const { window, target } = indicator;
      return `1 - ${badRatio(indicator, window, selector, this.storage)} / (1 - ${target})`;
    });
  }

  /** Rate at which the budget is spent, as a multiple of the allowed rate: 1 spends it in exactly one window. */
  burnRate(range: string): string | undefined {
    return this.#each(({ indicator, selector }) => {
      return `${badRatio(indicator, range, selector, this.storage)} / (1 - ${indicator.target})`;
    });
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
}

function objectiveGroups(methods: readonly DeclaredMethod[]): ObjectiveGroup[] {
  const indicators = methods
    .flatMap(objectiveIndicators)
    .filter((indicator) => indicator.kind !== 'unmeasured');
  const groups = groupBy(indicators, (indicator) =>
    [indicator.service, titleOf(indicator), badRatio(indicator, '', '', 'classic')].join('\n'),
  );
  return [...groups.values()].flatMap((members) => {
    const [indicator] = members;
    if (indicator === undefined) return [];
    const selector = [OF_METHOD, ...matchersOf(members)].join(', ');
    return [{ title: titleOf(indicator), indicator, selector }];
  });
}

function titleOf(indicator: ObjectiveIndicator): string {
  const percent = percentOf(indicator.target);
  if (indicator.kind === 'latency') {
    return `${percent}% within ${indicator.within} s over ${indicator.window}`;
  }
  const bad = indicator.declaredExceptionsAreErrors ? 'exceptions' : 'errors';
  return `${percent}% without ${bad} over ${indicator.window}`;
}

/** Fraction of bad calls of the selected methods over a time. */
function badRatio(
  indicator: ObjectiveIndicator,
  range: string,
  selector: string,
  storage: HistogramStorage,
): string {
  if (indicator.kind === 'latency') {
    const { latency, within } = indicator;
    const histogram = { name: latency.name, native: storage === 'any' };
    return ratioAbove(histogram, within, METHOD_LABELS, range, selector);
  }
  const { calls, failures, declaredExceptionsAreErrors } = indicator;
  const isBad = declaredExceptionsAreErrors ? '' : `, ${NOT_DECLARED}`;
  const of = { by: METHOD_LABELS, storage };
  return ratioOf(
    failuresExpression(failures, { ...of, matchers: selector + isBad })(range),
    callsExpression(calls, { ...of, matchers: selector })(range),
  );
}
