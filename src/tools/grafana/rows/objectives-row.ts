import { LABEL } from '../../../metrics/catalogue';
import { largest, METHOD_LEGEND } from '../expressions';
import type { RowDraft } from '../layout';
import type { GrafanaThreshold } from '../model';
import { OBJECTIVE_LABEL } from '../../rules/recorded-series';
import { OBJECTIVE_COLUMN, type ObjectiveQueries } from '../objective-queries';
import { tablePanel, timeSeriesPanel } from '../panels';

const BUDGET_THRESHOLDS: readonly GrafanaThreshold[] = [
  { value: null, color: 'red' },
  { value: 0, color: 'orange' },
  { value: 0.25, color: 'green' },
];

/** The burn rates of alerts over a window of 30 days: https://sre.google/workbook/alerting-on-slos/ */
const BURN_THRESHOLDS: readonly GrafanaThreshold[] = [
  { value: null, color: 'green' },
  { value: 1, color: 'yellow' },
  { value: 6, color: 'orange' },
  { value: 14.4, color: 'red' },
];

/** Labels of the recorded series that repeat what the column of the objective says. */
const RECORDED_LABELS: readonly string[] = ['__name__', OBJECTIVE_LABEL];

const NO_RULES =
  'no data: load the rules that thrift-metrics rules generates, or use --objectives raw';

/** Shows the remaining error budget of each objective. */
export function objectivesRow(objectives: ObjectiveQueries): RowDraft {
  const burnRate = (title: string, range: string) => ({
    title,
    unit: 'short' as const,
    expr: objectives.burnRate(range),
    thresholds: BURN_THRESHOLDS,
  });
  const isRecorded = objectives.source === 'recorded';
  const noValue = isRecorded ? NO_RULES : 'no data';
  return {
    title: 'Objectives',
    collapsed: false,
    panels: [
      tablePanel({
        title: 'Error budgets',
        description:
          'Remaining error budget of each objective over its window: 100% is all of it, and below 0 the objective is missed. A burn rate of 1 spends the budget in exactly one window; a rate of 14.4 spends a budget for 30 days in about two days.',
        unit: 'short',
        width: 14,
        noValue,
        labels: {
          ...(isRecorded && { job: 'Job' }),
          [LABEL.service]: 'Service',
          [LABEL.method]: 'Method',
          [OBJECTIVE_COLUMN]: 'Objective',
        },
        hidden: isRecorded ? RECORDED_LABELS : [],
        values: [
          {
            title: 'Budget left',
            unit: 'percentunit',
            expr: objectives.remainingBudget(),
            thresholds: BUDGET_THRESHOLDS,
          },
          burnRate('Burn rate 1 h', '1h'),
          burnRate('Burn rate 6 h', '6h'),
        ],
        sortBy: { title: 'Budget left', descending: false },
      }),
      timeSeriesPanel({
        title: 'Burn rate over 1 h',
        description:
          'Rate at which each error budget was spent over the last hour, as a multiple of the allowed rate. The lines at 1, 6 and 14.4 are the usual alert thresholds.',
        unit: 'short',
        width: 10,
        noValue,
        thresholds: BURN_THRESHOLDS,
        queries: [
          {
            expr: largest(objectives.burnRateOver('1h')),
            legend: `${METHOD_LEGEND} {{${OBJECTIVE_COLUMN}}}`,
          },
        ],
      }),
    ],
  };
}
