import type { DeclaredMethod } from '../../declaration/describe';
import { type BurnRate, burnRates } from '../../slo/burn-rates';
import { objectiveIndicators, type UnmeasuredTarget } from '../../slo/objective-indicator';
import { type ObjectiveSubject, objectiveSubjects } from '../../slo/objective-subject';
import { ThriftMetricsError } from '../../validation/errors';
import type { HistogramStorage } from '../histogram-expressions';
import { objectiveExpressions, type ObjectiveExpressions } from './objective-expressions';

/** An objective whose targets all have the metrics that they need. */
export interface MeasuredObjective {
  readonly subject: ObjectiveSubject;
  readonly targets: readonly [MeasuredTarget, ...MeasuredTarget[]];
}

/** One target of an objective, and the burn rates that alert on it. */
export interface MeasuredTarget {
  readonly expressions: ObjectiveExpressions;
  readonly rates: readonly BurnRate[];
}

/**
 * Returns the objectives of the declared methods.
 *
 * @throws {@link ThriftMetricsError} `TM_ERR_OBJECTIVE` if a method lacks a metric that its objective needs and no rules exist, or if the
 * classes of one service have different objectives for the whole service.
 */
export function measuredObjectives(
  methods: readonly DeclaredMethod[],
  storage: HistogramStorage,
  policy: { readonly isEmpty: boolean },
): MeasuredObjective[] {
  const subjects = objectiveSubjects(methods);
  const services = new Map<string, ObjectiveSubject>();
  return subjects.flatMap((subject) => {
    if (subject.method === undefined) {
      const other = services.get(subject.service);
      if (other !== undefined) throw differentObjectives(other, subject);
      services.set(subject.service, subject);
    }
    const [first, ...others] = targetsOf(subject, storage, policy);
    return first === undefined ? [] : [{ subject, targets: [first, ...others] }];
  });
}

/** Returns one entry per target of an objective. */
function targetsOf(
  subject: ObjectiveSubject,
  storage: HistogramStorage,
  policy: { readonly isEmpty: boolean },
): MeasuredTarget[] {
  const indicators = subject.members.flatMap((member) =>
    objectiveIndicators(member).flatMap((indicator) => {
      if (indicator.kind !== 'unmeasured') return [indicator];
      // A rule may exclude the metric that an objective in the code needs.
      if (!policy.isEmpty) return [];
      throw unmeasuredError(member, indicator);
    }),
  );
  return (['availability', 'latency'] as const).flatMap((kind) => {
    const [first, ...others] = indicators.filter((indicator) => indicator.kind === kind);
    if (first === undefined) return [];
    const expressions = objectiveExpressions(subject, [first, ...others], storage);
    return [{ expressions, rates: burnRates(first.window, first.target) }];
  });
}

function unmeasuredError(
  method: DeclaredMethod,
  { option, missing, decorator }: UnmeasuredTarget,
): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `@Objective on ${classOf(method)}.${method.method}: the ${option} objective has no effect because nothing records the ${missing} of the ` +
      `method. Add ${decorator} or @Instrumented, or give the method its own objective without '${option}'.`,
  );
}

function differentObjectives(one: ObjectiveSubject, other: ObjectiveSubject): ThriftMetricsError {
  const classes = [one, other].flatMap(({ members }) => members.slice(0, 1).map(classOf));
  return new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `@Objective on ${classes.join(' and on ')}: the service ${one.service} has two different objectives with scope 'service'. Give both classes the same one.`,
  );
}

function classOf({ declaredBy, service }: DeclaredMethod): string {
  return declaredBy === '' ? service : declaredBy;
}
