import type { DeclaredMethod } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import { burnRates } from '../../slo/burn-rates';
import { type ObjectiveIndicator, objectiveIndicators } from '../../slo/objective-indicator';
import { type ObjectiveSubject, objectiveSubjects } from '../../slo/objective-subject';
import { percentOf } from '../../slo/percent';
import { groupBy } from '../group-by';
import type { HistogramStorage } from '../histogram-expressions';
import { countsKey, countsOf } from '../objective-counts';
import { quote } from '../promql';
import { METHOD_LEVEL, OBJECTIVE_LABEL, recordName, SERVICE_LEVEL } from '../rules/recorded-series';
import {
  gaugeIn,
  matchersOf,
  METHOD_LABELS,
  OF_CHOSEN_METHOD,
  OF_CHOSEN_SERVICE,
  OF_INSTANCE,
  OF_JOB,
  OF_METHOD,
  type OverRange,
  RATE_INTERVAL,
  ratioOf,
} from './expressions';

/** Methods of one service whose objectives have the same target and the same metrics, or that share an objective. */
interface ObjectiveGroup {
  /** The target as people read it. */
  readonly title: string;
  readonly indicator: ObjectiveIndicator;
  /** Fraction of bad calls over a time, from the metrics. */
  readonly badRatio: OverRange;
  /** Selects a series that the generated rules record. */
  readonly recorded: (metric: string, operation: string) => string;
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
    storage: HistogramStorage,
  ) {
    this.#groups = objectiveGroups(methods, storage);
  }

  /** Remaining fraction of the error budget: 1 is all of it, below 0 the objective is missed. */
  remainingBudget(): string | undefined {
    return this.#each(({ indicator: { window, target }, badRatio, recorded }) =>
      this.source === 'recorded'
        ? recorded('thrift_objective_error_budget', 'remaining_ratio')
        : `1 - ${badRatio(window)} / (1 - ${target})`,
    );
  }

  /** Rate at which the budget is spent, as a multiple of the allowed rate: 1 spends it in exactly one window. */
  burnRate(window: string): string | undefined {
    return this.#burnRate(window, RATE_INTERVAL);
  }

  /** The burn rate at each point, for `largest`. */
  burnRateOver(window: string): OverRange<string | undefined> {
    return (range) => {
      const rate = this.#burnRate(window, range);
      return rate && `(${rate})`;
    };
  }

  #burnRate(window: string, range: string): string | undefined {
    return this.#each(({ indicator, badRatio, recorded }) => {
      const isRecorded = this.source === 'recorded' && windowsOf(indicator).includes(window);
      const ratio = isRecorded
        ? gaugeIn(recorded('thrift_objective_errors', `ratio_rate${window}`), range)
        : badRatio(range === RATE_INTERVAL ? window : range);
      return `${ratio} / (1 - ${indicator.target})`;
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

/** The windows over which the generated rules record the fraction of bad calls. */
function windowsOf({ window, target }: ObjectiveIndicator): string[] {
  return burnRates(window, target).flatMap(({ long, short }) => [long, short]);
}

function objectiveGroups(
  methods: readonly DeclaredMethod[],
  storage: HistogramStorage,
): ObjectiveGroup[] {
  const subjects = objectiveSubjects(methods);
  const shared = subjects.filter(({ method }) => method === undefined);
  const indicators = subjects
    .filter(({ method }) => method !== undefined)
    .flatMap(measuredIndicators);
  const groups = groupBy(indicators, (indicator) =>
    [indicator.service, titleOf(indicator), countsKey(indicator)].join('\n'),
  );
  return [
    ...[...groups.values()].flatMap((members) => methodGroup(members, storage)),
    ...shared.flatMap((subject) => sharedGroups(subject, storage)),
  ];
}

function measuredIndicators({ members }: ObjectiveSubject): ObjectiveIndicator[] {
  return members
    .flatMap(objectiveIndicators)
    .filter((indicator) => indicator.kind !== 'unmeasured');
}

/** Objectives of single methods that differ only in the method. */
function methodGroup(
  members: readonly ObjectiveIndicator[],
  storage: HistogramStorage,
): ObjectiveGroup[] {
  const [indicator] = members;
  if (indicator === undefined) return [];
  const ofMembers = matchersOf(members).join(', ');
  const { calls, errors } = countsOf(
    indicator,
    `${OF_METHOD}, ${ofMembers}`,
    METHOD_LABELS,
    storage,
  );
  return [
    {
      title: titleOf(indicator),
      indicator,
      badRatio: (range) => ratioOf(errors(range), calls(range)),
      recorded: (metric, operation) =>
        `${recordName(metric, operation, METHOD_LEVEL)}{${OF_JOB}, ${OF_CHOSEN_METHOD}, ${ofKind(indicator)}, ${ofMembers}}`,
    },
  ];
}

/** Returns one group per target of an objective that methods share. */
function sharedGroups(subject: ObjectiveSubject, storage: HistogramStorage): ObjectiveGroup[] {
  const targets = groupBy(measuredIndicators(subject), ({ kind }) => kind);
  const ofService = `${LABEL.service}=${quote(subject.service)}`;
  return [...targets.values()].flatMap((members) => {
    const [indicator] = members;
    if (indicator === undefined) return [];
    return [
      {
        title: `${titleOf(indicator)}, all methods`,
        indicator,
        badRatio: sharedRatio(members, storage),
        recorded: (metric: string, operation: string) =>
          `${recordName(metric, operation, SERVICE_LEVEL)}{${OF_JOB}, ${OF_CHOSEN_SERVICE}, ${ofKind(indicator)}, ${ofService}}`,
      },
    ];
  });
}

/** Fraction of bad calls of several methods together. Methods with the same metrics are counted by one expression. */
function sharedRatio(
  indicators: readonly ObjectiveIndicator[],
  storage: HistogramStorage,
): OverRange {
  const groups = groupBy(indicators, countsKey);
  const counts = [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const selector = [OF_INSTANCE, OF_CHOSEN_SERVICE, ...matchersOf(members)];
    return [countsOf(first, selector.join(', '), METHOD_LABELS, storage)];
  });
  return (range) => {
    const [bad = '', all = ''] = (['errors', 'calls'] as const).map((part) => {
      const parts = counts.map((count) => count[part](range));
      return `sum by (${LABEL.service}) (${parts.join(' or ')})`;
    });
    return ratioOf(bad, all);
  };
}

const ofKind = ({ kind }: ObjectiveIndicator): string => `${OBJECTIVE_LABEL}="${kind}"`;

function titleOf(indicator: ObjectiveIndicator): string {
  const percent = percentOf(indicator.target);
  if (indicator.kind === 'latency') {
    return `${percent}% within ${indicator.within} s over ${indicator.window}`;
  }
  const bad = indicator.declaredExceptionsAreErrors ? 'exceptions' : 'errors';
  return `${percent}% without ${bad} over ${indicator.window}`;
}
