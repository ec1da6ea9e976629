import {
  type DeclaredMethod,
  declaredMethods,
  type DeclaredMetric,
} from '../../declaration/describe';
import { currentRuntime } from '../../runtime/runtime';
import { LABEL, type MetricKind } from '../../metrics/catalogue';
import { percentOf } from '../../slo/burn-rates';
import { groupBy } from '../group-by';
import { quote } from '../rules/selector';
import { matchersOf } from './declared-families';
import { METHOD_LABELS, OF_METHOD, shareAbove, shareOf, sumOfRate } from './queries';

/** One share that is promised of a method, and how it is told from metrics. */
interface Promised {
  /** As people read it. */
  readonly title: string;
  readonly target: number;
  readonly window: string;
  /** The share of bad calls over a time, of the methods that the selector selects. */
  readonly badShare: (range: string, selector: string) => string;
}

/** A promise that methods of one service share. */
interface ObjectiveGroup extends Promised {
  readonly selector: string;
}

/** The label that tells the objectives of one method apart. */
export const OBJECTIVE_LABEL = 'objective';

/** The queries of every objective that the declared metrics can tell; undefined where there is none. */
export class ObjectiveQueries {
  readonly groups: readonly ObjectiveGroup[] = objectiveGroups(declaredMethods(currentRuntime()));

  /** What is left of the error budget: 1 is all, 0 none, below 0 the objective is missed. */
  remainingBudget(): string | undefined {
    return this.#each(({ badShare, selector, target, window }) => {
      return `1 - ${badShare(window, selector)} / (1 - ${target})`;
    });
  }

  /** How fast the budget is being spent: at 1 it lasts for exactly the window. */
  burnRate(range: string): string | undefined {
    return this.#each(({ badShare, selector, target }) => {
      return `${badShare(range, selector)} / (1 - ${target})`;
    });
  }

  #each(expressionOf: (group: ObjectiveGroup) => string): string | undefined {
    if (this.groups.length === 0) return undefined;
    return this.groups
      .map((group) => {
        const label = `"${OBJECTIVE_LABEL}", ${quote(group.title)}, "", ""`;
        return `label_replace(${expressionOf(group)}, ${label})`;
      })
      .join(' or ');
  }
}

function objectiveGroups(methods: readonly DeclaredMethod[]): ObjectiveGroup[] {
  const promises = methods.flatMap((method) =>
    [availabilityOf(method), latencyOf(method)]
      .filter((promised) => promised !== null)
      .map((promised) => ({ ...promised, method })),
  );
  // The same promise of the same service, told from the same metrics, makes one query.
  const groups = groupBy(promises, ({ title, badShare, method }) =>
    [method.service, title, badShare('', '')].join('\n'),
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const members = [first, ...others].map(({ method }) => method);
    return [{ ...first, selector: [OF_METHOD, ...matchersOf(members)].join(', ') }];
  });
}

function availabilityOf({ objective, metrics }: DeclaredMethod): Promised | null {
  const [calls, errors] = [firstOfKind(metrics, 'counted'), firstOfKind(metrics, 'errorsCounted')];
  if (objective?.availability === undefined || calls === undefined || errors === undefined) {
    return null;
  }
  const { availability, declaredExceptionsAreErrors: allKinds, window } = objective;
  const kind = allKinds ? '' : `, ${LABEL.exceptionKind}="undeclared"`;
  return {
    title: `${percentOf(availability)} % without ${allKinds ? 'exception' : 'error'} over ${window}`,
    target: availability,
    window,
    badShare: (range, selector) =>
      shareOf(
        sumOfRate(METHOD_LABELS, `${errors.name}{${selector}${kind}}`, range),
        sumOfRate(METHOD_LABELS, `${calls.name}{${selector}}`, range),
      ),
  };
}

function latencyOf({ objective, metrics }: DeclaredMethod): Promised | null {
  const timed = firstOfKind(metrics, 'timed');
  if (objective?.latency === undefined || timed?.type !== 'histogram') return null;
  const { window } = objective;
  const { target, within } = objective.latency;
  const histogram = { name: timed.name, native: timed.native === true };
  return {
    title: `${percentOf(target)} % within ${within} s over ${window}`,
    target,
    window,
    badShare: (range, selector) => shareAbove(histogram, within, METHOD_LABELS, range, selector),
  };
}

function firstOfKind(
  metrics: readonly DeclaredMetric[],
  kind: MetricKind,
): DeclaredMetric | undefined {
  return metrics.find((metric) => metric.kind === kind);
}
