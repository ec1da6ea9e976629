import type { DeclaredMethod } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import { type ObjectiveIndicator, objectiveIndicators } from '../../slo/objective-indicator';
import { type ObjectiveSubject, objectiveSubjects } from '../../slo/objective-subject';
import { percentOf } from '../../slo/percent';
import { groupBy } from '../group-by';
import { callsExpression, failuresExpression } from '../call-expressions';
import { countsOf } from '../objective-counts';
import { NOT_DECLARED, quote } from '../promql';
import {
  matchersOf,
  METHOD_LABELS,
  OF_INSTANCE,
  OF_METHOD,
  ratioAbove,
  ratioOf,
} from './expressions';

/** Methods of one service whose objectives have the same target and the same metrics, or that share an objective. */
interface ObjectiveGroup {
  /** The target as people read it. */
  readonly title: string;
  readonly indicator: ObjectiveIndicator;
  /** Fraction of bad calls over a time. */
  readonly badRatio: (range: string) => string;
}

/** Label that holds the title of an objective, as a column of the table. */
export const OBJECTIVE_COLUMN = 'objective';

/** Queries all objectives that the declared metrics can measure. An expression is undefined if there are none. */
export class ObjectiveQueries {
  readonly #groups: readonly ObjectiveGroup[];

  constructor(methods: readonly DeclaredMethod[]) {
    this.#groups = objectiveGroups(methods);
  }

  /** Remaining fraction of the error budget: 1 is all of it, below 0 the objective is missed. */
  remainingBudget(): string | undefined {
    return this.#each(({ indicator: { window, target }, badRatio: ratio }) => {
      return `1 - ${ratio(window)} / (1 - ${target})`;
    });
  }

  /** Rate at which the budget is spent, as a multiple of the allowed rate: 1 spends it in exactly one window. */
  burnRate(range: string): string | undefined {
    return this.#each(({ indicator, badRatio: ratio }) => {
      return `${ratio(range)} / (1 - ${indicator.target})`;
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
  const subjects = objectiveSubjects(methods);
  const shared = subjects.filter(({ method }) => method === undefined);
  const indicators = subjects
    .filter(({ method }) => method !== undefined)
    .flatMap(measuredIndicators);
  const groups = groupBy(indicators, (indicator) =>
    [indicator.service, titleOf(indicator), badRatio(indicator, '', '')].join('\n'),
  );
  const single = [...groups.values()].flatMap((members) => {
    const [indicator] = members;
    if (indicator === undefined) return [];
    const selector = [OF_METHOD, ...matchersOf(members)].join(', ');
    const ratio = (range: string): string => badRatio(indicator, range, selector);
    return [{ title: titleOf(indicator), indicator, badRatio: ratio }];
  });
  return [...single, ...shared.flatMap(sharedGroups)];
}

function measuredIndicators({ members }: ObjectiveSubject): ObjectiveIndicator[] {
  return members
    .flatMap(objectiveIndicators)
    .filter((indicator) => indicator.kind !== 'unmeasured');
}

/** Returns one group per target of an objective that methods share. */
function sharedGroups(subject: ObjectiveSubject): ObjectiveGroup[] {
  const targets = groupBy(measuredIndicators(subject), ({ kind }) => kind);
  return [...targets.values()].flatMap((members) => {
    const [indicator] = members;
    if (indicator === undefined) return [];
    const title = `${titleOf(indicator)}, all methods`;
    return [{ title, indicator, badRatio: sharedRatio(members) }];
  });
}

/** Fraction of bad calls of several methods together. Methods with the same metrics are counted by one expression. */
function sharedRatio(indicators: readonly ObjectiveIndicator[]): (range: string) => string {
  const groups = groupBy(indicators, (indicator) => badRatio(indicator, '', ''));
  const counts = [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const selector = [OF_INSTANCE, `${LABEL.service}=~"$service"`, ...matchersOf(members)];
    return [countsOf(first, selector.join(', '), METHOD_LABELS, 'any')];
  });
  return (range) => {
    const [bad, all] = (['errors', 'calls'] as const).map((part) => {
      const parts = counts.map((count) => count[part](range));
      return `sum by (${LABEL.service}) (${parts.join(' or ')})`;
    });
    return ratioOf(bad ?? '', all ?? '');
  };
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
function badRatio(indicator: ObjectiveIndicator, range: string, selector: string): string {
  if (indicator.kind === 'latency') {
    const { latency, within } = indicator;
    const histogram = { name: latency.name, native: latency.native === true };
    return ratioAbove(histogram, within, METHOD_LABELS, range, selector);
  }
  const { calls, failures, declaredExceptionsAreErrors } = indicator;
  const isBad = declaredExceptionsAreErrors ? '' : `, ${NOT_DECLARED}`;
  const of = { by: METHOD_LABELS, storage: 'any' } as const;
  return ratioOf(
    failuresExpression(failures, { ...of, matchers: selector + isBad })(range),
    callsExpression(calls, { ...of, matchers: selector })(range),
  );
}
