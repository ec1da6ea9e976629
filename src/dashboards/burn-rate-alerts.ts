import { percentOf } from '../percent';
import { createAlert, type AlertDefaults } from './alert-factory';
import type { BurnRate } from './burn-rates';
import type { ObjectiveIndicator } from './objective-indicator';
import { errorRatioSeries, OBJECTIVE_LABEL } from './objective-rules';
import type { PrometheusAlertingRule } from './prometheus-rules';

/** So many calls have to fail within the long window: of a handful of calls, one that fails tells nothing. */
const FEWEST_ERRORS = 10;

const NAMES = {
  availability: 'ThriftAvailabilityBudgetBurn',
  latency: 'ThriftLatencyBudgetBurn',
} as const;

const METHOD = '{{ $labels.thrift_service }}.{{ $labels.thrift_method }}';

/** One alert for each burn rate: over the long window, so that it matters, and over the short one, so that it goes on. */
export function burnRateAlerts(
  indicator: ObjectiveIndicator,
  rates: readonly BurnRate[],
  defaults: AlertDefaults,
): PrometheusAlertingRule[] {
  return rates.map((rate) => burnRateAlert(indicator, rate, defaults));
}

function burnRateAlert(
  indicator: ObjectiveIndicator,
  { severity, factor, spent, long, short }: BurnRate,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const { kind, service, method, target, window, within } = indicator;
  const threshold = `${factor} * (1 - ${target})`;
  const failed = kind === 'availability' ? 'failed' : `took longer than ${within} s`;
  const promised = kind === 'availability' ? 'do not fail' : `settle within ${within} s`;
  const pace = factor === 1 ? 'faster than' : `over ${factor} times as fast as`;
  const rate = factor === 1 ? 'the rate' : `${factor} times the rate`;
  return createAlert(
    {
      alert: NAMES[kind],
      expr: [
        `${errorRatioSeries(indicator, long)} > ${threshold}`,
        'and',
        `${errorRatioSeries(indicator, short)} > ${threshold}`,
        'and on (job)',
        `${indicator.errors(long, 'increase')} >= ${FEWEST_ERRORS}`,
      ].join('\n'),
      severity,
      service,
      method,
      labels: { [OBJECTIVE_LABEL]: kind, long_window: long, short_window: short },
      summary: `${METHOD} spends its ${kind} error budget ${pace} its objective allows`,
      description:
        `{{ $value | humanizePercentage }} of the calls of ${METHOD} (job {{ $labels.job }}) ${failed} ` +
        `within the last ${long}, and it goes on: the last ${short} are above the limit, too. The objective is that ` +
        `${percentOf(target)}% of the calls ${promised} over ${window}. At ${rate} that it allows, ` +
        `${percentOf(spent)}% of the error budget is gone within ${long}.`,
    },
    defaults,
  );
}
