import { LABEL } from '../catalogue';
import type { BurnRate } from './burn-rates';
import { minutesOfDuration } from './duration';
import type { ObjectiveIndicator } from './objective-indicator';
import type { PrometheusRecordingRule } from './prometheus-rules';
import { RATE_WINDOW, recordName } from './record-name';
import { selector } from './selector';

/** Which promise of an objective a series is about. */
export const OBJECTIVE_LABEL = 'thrift_objective';

/** The share of calls that were not as promised, over one window. */
export function errorRatioSeries(indicator: ObjectiveIndicator, window: string): string {
  return seriesOf(indicator, 'thrift_objective_errors', `ratio_rate${window}`);
}

/** What alerts and dashboards need of one promise: rates, error ratios, what is left of the budget, and the target. */
export function objectiveRules(
  indicator: ObjectiveIndicator,
  rates: readonly BurnRate[],
): PrometheusRecordingRule[] {
  const { kind, service, method, target, window, within } = indicator;
  const labels = {
    [LABEL.service]: service.toWellFormed(),
    [LABEL.method]: method.toWellFormed(),
    [OBJECTIVE_LABEL]: kind,
  };
  const record = (metric: string, operation: string, expr: string): PrometheusRecordingRule => ({
    record: recordName(metric, operation),
    expr,
    labels,
  });
  const operation = `rate${RATE_WINDOW}`;
  const calls = seriesOf(indicator, 'thrift_objective_calls', operation);
  const errors = seriesOf(indicator, 'thrift_objective_errors', operation);
  // Over the recorded rates, since the raw samples of weeks are too many to be read at each evaluation.
  const spent = ratio(`sum_over_time(${errors}[${window}])`, `sum_over_time(${calls}[${window}])`);
  return [
    record('thrift_objective_calls', operation, indicator.calls(RATE_WINDOW)),
    record('thrift_objective_errors', operation, indicator.errors(RATE_WINDOW)),
    record('thrift_objective_errors', `ratio_rate${RATE_WINDOW}`, ratio(errors, calls)),
    ...windowsOf(rates).map((range) =>
      record(
        'thrift_objective_errors',
        `ratio_rate${range}`,
        ratio(indicator.errors(range), indicator.calls(range)),
      ),
    ),
    record(
      'thrift_objective_error_budget',
      'remaining_ratio',
      `1 - (\n${spent}\n) / (1 - ${target})`,
    ),
    {
      record: 'service_method:thrift_objective_target:info',
      expr: `vector(${target})`,
      labels: { ...labels, window, ...(within !== undefined && { within: String(within) }) },
    },
  ];
}

/** Without calls there is no ratio, and no sample. */
function ratio(errors: string, calls: string): string {
  return `${errors}\n/\n(${calls} > 0)`;
}

/** From short to long, without the one that is always recorded. */
function windowsOf(rates: readonly BurnRate[]): string[] {
  const windows = new Set(rates.flatMap(({ long, short }) => [short, long]));
  windows.delete(RATE_WINDOW);
  return [...windows].toSorted((a, b) => minutesOfDuration(a) - minutesOfDuration(b));
}

function seriesOf(indicator: ObjectiveIndicator, metric: string, operation: string): string {
  const kind = `${OBJECTIVE_LABEL}="${indicator.kind}"`;
  return selector(recordName(metric, operation), indicator, kind);
}
