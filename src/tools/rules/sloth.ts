import { LABEL } from '../../metrics/catalogue';
import type { ObjectiveExpressions } from './objective-expressions';
import { minutesOfDuration } from '../../slo/duration';
import { anyOf, quote } from '../promql';
import type { PrometheusRecordingRule } from './prometheus-rules';
import {
  type Level,
  levelOf,
  METHOD_LEVEL,
  OBJECTIVE_LABEL,
  RATE_WINDOW,
  recordName,
  SERVICE_LEVEL,
  targetName,
} from './recorded-series';

// The names of series and labels are those of Sloth: https://github.com/slok/sloth/blob/main/pkg/common/conventions

/** The windows that Sloth records for every objective, beside the objective's own. */
const WINDOWS = [RATE_WINDOW, '30m', '1h', '2h', '6h', '1d', '3d'] as const;

const ID_LABELS = ['sloth_id', 'sloth_slo', 'sloth_service'].join(', ');

/** Labels that Sloth's series and alerts have. */
export const SLOTH_LABELS = [
  'sloth_id',
  'sloth_service',
  'sloth_slo',
  'sloth_window',
  'sloth_severity',
  'sloth_objective',
  'sloth_mode',
  'sloth_spec',
  'sloth_version',
] as const;

/** Labels that identify an objective in Sloth's dashboards. */
export function slothLabels({ subject, indicator }: ObjectiveExpressions): Record<string, string> {
  const { service, method } = subject;
  const slo = method === undefined ? indicator.kind : `${method}-${indicator.kind}`;
  return { sloth_id: `${service}-${slo}`, sloth_service: service, sloth_slo: slo };
}

/**
 * Returns rules for the series that Sloth's dashboards read, computed from the recorded series of the objectives. Their
 * number does not depend on the number of objectives. Like Sloth's, they have no job: they sum all deployments.
 */
export function slothRules(objectives: readonly ObjectiveExpressions[]): PrometheusRecordingRule[] {
  const services = [...new Set(objectives.map(({ subject }) => subject.service))];
  const periods = [...new Set(objectives.map(({ indicator }) => indicator.window))];
  const isSpecial = (window: string): boolean => !WINDOWS.some((common) => common === window);
  const levels = [METHOD_LEVEL, SERVICE_LEVEL].filter((level) =>
    objectives.some(({ subject }) => levelOf(subject) === level),
  );
  const ofServices = anyOf(LABEL.service, services);
  const slothServices = anyOf('sloth_service', services);
  /** One expression for all objectives, with the labels that identify them. */
  const identified = (expressionOf: (level: Level, by: string) => string): string =>
    levels
      .map((level) => identify(expressionOf(level, labelsWithoutJob(level)), level))
      .join(' or ');
  const targets = (level: Level, ...matchers: string[]): string =>
    `${targetName(level)}{${[ofServices, ...matchers].join(',')}}`;
  const total = (level: Level, by: string, metric: string, range: string): string => {
    const series = `${recordName(metric, `rate${RATE_WINDOW}`, level)}{${ofServices}}`;
    const value = range === RATE_WINDOW ? series : `sum_over_time(${series}[${range}])`;
    return `sum by (${by}) (${value})`;
  };
  const errorRatio = (range: string, period?: string): PrometheusRecordingRule => ({
    record: `slo:sli_error:ratio_rate${range}`,
    expr: identified((level, by) => {
      const [bad, all] = ['thrift_objective_errors', 'thrift_objective_calls'].map((metric) =>
        total(level, by, metric, range),
      );
      const ratio = `${bad} / (${all} > 0)`;
      if (period === undefined) return ratio;
      return `${ratio} and on (${by}) ${targets(level, `window=${quote(period)}`)}`;
    }),
    labels: { sloth_window: range },
  });
  const recorded = (name: string): string => `${name}{${slothServices}}`;
  const perBudget = (ratio: string): string =>
    `${ratio} / on (${ID_LABELS}) group_left () ${recorded('slo:error_budget:ratio')}`;
  const targetsOver = (level: Level, by: string, period: string): string =>
    `max by (${by}) (${targets(level, `window=${quote(period)}`)})`;
  const info = { sloth_mode: 'thrift-metrics', sloth_spec: 'thrift-metrics' };
  return [
    ...WINDOWS.map((range) => errorRatio(range)),
    ...periods.filter(isSpecial).map((period) => errorRatio(period, period)),
    {
      record: 'slo:objective:ratio',
      expr: identified((level, by) => `max by (${by}) (${targets(level)})`),
    },
    { record: 'slo:error_budget:ratio', expr: `1 - ${recorded('slo:objective:ratio')}` },
    {
      record: 'slo:time_period:days',
      expr: identified((level, by) =>
        periods
          .map((period) => `0 * ${targetsOver(level, by, period)} + ${daysOf(period)}`)
          .join(' or '),
      ),
    },
    {
      record: 'slo:current_burn_rate:ratio',
      expr: perBudget(recorded(`slo:sli_error:ratio_rate${RATE_WINDOW}`)),
    },
    {
      record: 'slo:period_burn_rate:ratio',
      expr: periods
        .map((period) => {
          const ofPeriod = `${recorded('slo:time_period:days')} == ${daysOf(period)}`;
          const ratio = recorded(`slo:sli_error:ratio_rate${period}`);
          return perBudget(`(${ratio} and on (${ID_LABELS}) (${ofPeriod}))`);
        })
        .join(' or '),
    },
    {
      record: 'slo:period_error_budget_remaining:ratio',
      expr: `1 - ${recorded('slo:period_burn_rate:ratio')}`,
    },
    {
      record: 'sloth_slo_info',
      // The objective in percent, without rounding errors.
      expr: `count_values by (${ID_LABELS}) ("sloth_objective", round(100 * ${recorded('slo:objective:ratio')}, 0.000001))`,
      labels: info,
    },
  ];
}

function daysOf(window: string): number {
  return minutesOfDuration(window) / (24 * 60);
}

function labelsWithoutJob(level: Level): string {
  return [level.labels.replace('job, ', ''), OBJECTIVE_LABEL].join(', ');
}

/** Adds the labels of {@link slothLabels} to the series of an expression. */
function identify(expression: string, level: Level): string {
  const ofMethod = level === METHOD_LEVEL ? [LABEL.method] : [];
  const joins = [
    ['sloth_service', '', LABEL.service],
    ['sloth_slo', '-', ...ofMethod, OBJECTIVE_LABEL],
    ['sloth_id', '-', LABEL.service, ...ofMethod, OBJECTIVE_LABEL],
  ];
  return joins.reduce(
    (inner, names) => `label_join(${inner}, ${names.map((name) => quote(name)).join(', ')})`,
    expression,
  );
}
