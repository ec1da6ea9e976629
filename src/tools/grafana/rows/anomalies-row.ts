import type { DeclaredMethod } from '../../../declaration/describe';
import { LABEL } from '../../../metrics/catalogue';
import { bandSeries } from '../../rules/anomaly-bands';
import { PATIENCE } from '../../rules/anomaly-alerts';
import {
  type AnomalySignal,
  anomalySignals,
  type SignalKind,
  SIGNAL_KINDS,
} from '../../rules/anomaly-signals';
import { firstOf, OF_CHOSEN_METHOD, OF_JOB } from '../expressions';
import type { RowDraft } from '../layout';
import type { GrafanaOverride } from '../model';
import { type PanelDraft, type TimeSeriesOptions, timeSeriesPanel } from '../panels';

/** The band has no series per instance. */
const OF_METHOD = `{${OF_JOB}, ${OF_CHOSEN_METHOD}}`;

const PANELS: Readonly<
  Record<SignalKind, Pick<TimeSeriesOptions, 'title' | 'description' | 'unit'>>
> = {
  rate: {
    title: 'Rate and its band',
    description: `Calls per second over 5 minutes. An alert fires if the value stays outside of the band for ${PATIENCE.rate}.`,
    unit: 'reqps',
  },
  failures: {
    title: 'Failure ratio and its band',
    description: `Fraction of calls that fail, over 5 minutes. An alert fires if the value stays above the band for ${PATIENCE.failures}.`,
    unit: 'percentunit',
  },
  latency: {
    title: 'p99 and its band',
    description: `Latency that 99% of calls do not exceed, over 5 minutes. An alert fires if the value stays above the band for ${PATIENCE.latency}.`,
    unit: 's',
  },
};

/** Shows the bands that `createPrometheusRules({ anomalies: true })` records: one row for each selected method. */
export function anomaliesRow(methods: readonly DeclaredMethod[]): RowDraft {
  const signals = anomalySignals(methods, 'any')?.signals ?? [];
  return {
    title: 'Anomalies of $method',
    collapsed: true,
    repeat: 'method',
    panels: SIGNAL_KINDS.map((kind) =>
      bandPanel(
        kind,
        signals.filter((signal) => signal.kind === kind),
      ),
    ),
  };
}

const UPPER = 'upper';
const LOWER = 'lower';

/** If several jobs or services have the method, the panel shows the band that contains their bands. */
function bandPanel(kind: SignalKind, signals: readonly AnomalySignal[]): PanelDraft {
  const ofMethod = (nameOf: (signal: AnomalySignal) => string): string =>
    firstOf(signals.map((signal) => nameOf(signal) + OF_METHOD));
  const isShown = signals.length > 0;
  const panel = timeSeriesPanel({
    ...PANELS[kind],
    noValue: 'no recorded series',
    queries: [
      {
        expr: isShown ? ofMethod(({ series }) => series) : undefined,
        legend: `{{job}} {{${LABEL.service}}}`,
      },
      {
        expr: isShown ? `max(${ofMethod(({ series }) => bandSeries(series).upper)})` : undefined,
        legend: UPPER,
      },
      {
        expr: isShown ? `min(${ofMethod(({ series }) => bandSeries(series).lower)})` : undefined,
        legend: LOWER,
      },
    ],
  });
  const overrides = [
    bandLine(UPPER, { 'custom.fillBelowTo': LOWER, 'custom.fillOpacity': 15 }),
    bandLine(LOWER, {}),
  ];
  return { ...panel, fieldConfig: { ...panel.fieldConfig, overrides } };
}

function bandLine(name: string, properties: Readonly<Record<string, unknown>>): GrafanaOverride {
  const all = {
    color: { mode: 'fixed', fixedColor: 'blue' },
    'custom.lineWidth': 0,
    ...properties,
  };
  return {
    matcher: { id: 'byName', options: name },
    properties: Object.entries(all).map(([id, value]) => ({ id, value })),
  };
}
