import { LABEL } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import { isDuration } from '../../slo/duration';
import {
  checkOptionTable,
  isBoolean,
  mustBe,
  type OptionCheck,
  type OptionTable,
} from '../../validation/checks';
import { checkConstantLabels } from '../../validation/metric-checks';
import { checkHistogramStorage } from '../histogram-expressions';
import { checkUrlTemplate } from '../url-template';
import { EXPECTED_LABEL } from './anomaly-bands';
import type { PrometheusRulesOptions } from './prometheus-rules';
import { OBJECTIVE_LABEL } from './recorded-series';
import { SLOTH_LABELS } from './sloth';

const checkUrl = checkUrlTemplate(['alert', 'service', 'method']);

const IDENTITY = ['job', LABEL.service, LABEL.method, OBJECTIVE_LABEL, ...SLOTH_LABELS] as const;

/** Labels that the alerts set themselves. Labels of pages and of tickets may include `severity`. */
const ALERT_LABELS: readonly string[] = [
  ...IDENTITY,
  'alertname',
  'long_window',
  'short_window',
  LABEL.clientName,
];

/** Labels that the recorded series set themselves. */
const RECORDED_LABELS: readonly string[] = [...IDENTITY, 'window', 'within', EXPECTED_LABEL];

const labelsWithout =
  (reserved: readonly string[]): OptionCheck =>
  (where, name, value) => {
    const { labelNames } = currentRuntime().settings;
    const taken = new Set([...reserved, ...reserved.map((label) => labelNames.nameOf(label))]);
    checkConstantLabels(`${where}: option '${name}'`, value, [...taken]);
  };

const OPTIONS: OptionTable<PrometheusRulesOptions> = {
  runbookUrl: checkUrl,
  dashboardUrl: checkUrl,
  labels: labelsWithout([...ALERT_LABELS, 'severity']),
  pageLabels: labelsWithout(ALERT_LABELS),
  ticketLabels: labelsWithout(ALERT_LABELS),
  recordingLabels: labelsWithout(RECORDED_LABELS),
  interval: mustBe(isDuration, "a duration above 0, such as '30s' or '1m'"),
  histograms: checkHistogramStorage,
  sloth: mustBe(isBoolean, 'true or false'),
  anomalies: mustBe(isBoolean, 'true or false'),
};

export function checkRulesOptions(
  where: string,
  options: unknown,
): asserts options is PrometheusRulesOptions {
  checkOptionTable(where, options, OPTIONS);
}
