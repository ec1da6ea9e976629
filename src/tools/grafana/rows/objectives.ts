import { LABEL } from '../../../metrics/catalogue';
import type { RowDraft } from '../create-grafana-dashboard';
import type { GrafanaThreshold } from '../model';
import { OBJECTIVE_LABEL, type ObjectiveQueries } from '../objective-queries';
import { tablePanel, timeSeriesPanel } from '../panels';
import { largest, METHOD_LEGEND } from '../queries';

const BUDGET_THRESHOLDS: readonly GrafanaThreshold[] = [
  { value: null, color: 'red' },
  { value: 0, color: 'orange' },
  { value: 0.25, color: 'green' },
];

/** The rates at which alerts are raised: https://sre.google/workbook/alerting-on-slos/ */
const BURN_THRESHOLDS: readonly GrafanaThreshold[] = [
  { value: null, color: 'green' },
  { value: 1, color: 'yellow' },
  { value: 6, color: 'orange' },
  { value: 14.4, color: 'red' },
];

/** What is left of the budgets of all objectives, straight from the metrics: no recording rules are needed. */
export function objectivesRow(objectives: ObjectiveQueries): RowDraft {
  const burnRate = (title: string, range: string) => ({
    title,
    unit: 'short' as const,
    expr: objectives.burnRate(range),
    thresholds: BURN_THRESHOLDS,
  });
  const hourly = objectives.burnRate('1h');
  return {
    title: 'Objectives',
    collapsed: false,
    panels: [
      tablePanel({
        title: 'Error budgets',
        description:
          'What is left of the error budget of each objective over its window: 100 % is all of it, below 0 the objective is missed. At burn rate 1 the budget lasts for exactly the window; at 14.4 a budget for 30 days is gone in two days.',
        unit: 'short',
        width: 14,
        labels: {
          [LABEL.service]: 'Service',
          [LABEL.method]: 'Method',
          [OBJECTIVE_LABEL]: 'Objective',
        },
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
          'How fast the error budgets are being spent, taken over an hour: those that burn fastest. Lines at 1, 6 and 14.4, at which the usual alerts are raised.',
        unit: 'short',
        width: 10,
        thresholds: BURN_THRESHOLDS,
        queries: [
          {
            expr: hourly && largest(`(${hourly})`),
            legend: `${METHOD_LEGEND} {{${OBJECTIVE_LABEL}}}`,
          },
        ],
      }),
    ],
  };
}
