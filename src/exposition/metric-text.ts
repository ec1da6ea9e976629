import type { CellType, Family } from '../metrics/family';
import type { CounterCell } from '../metrics/counter-cell';
import type { GaugeCell } from '../metrics/gauge-cell';
import type { HistogramCell } from '../metrics/histogram-cell';
import { escapeLabelValue } from '../metrics/label-text';
import type { MetricValues } from '../metrics/sample';
import type { SummaryCell } from '../metrics/summary-cell';

/** A value as the text format writes it. `Nan` is how prom-client spells it; Prometheus reads it in any case. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'Nan';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function head(name: string, help: string, type: string): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

/** One of our families, written straight from its cells. */
export function familyText(
  family: Family,
  defaultLabels: Readonly<Record<string, string>>,
): string {
  const name = family.registeredName;
  let text = head(name, family.help, family.type);
  const defaults = Object.entries(defaultLabels);
  for (const series of family.series()) {
    let labels = series.text;
    for (const [label, value] of defaults) {
      if (!Object.hasOwn(series.labels, label)) {
        labels += `${labels === '' ? '' : ','}${label}="${escapeLabelValue(value)}"`;
      }
    }
    text += seriesText(name, family.type, labels, series.cell);
  }
  return text;
}

function seriesText(name: string, type: CellType, labels: string, cell: unknown): string {
  switch (type) {
    case 'histogram':
      return histogramText(name, labels, cell as HistogramCell);
    case 'summary':
      return summaryText(name, labels, cell as SummaryCell);
    default:
      return `${name}${braced(labels)} ${formatValue((cell as CounterCell | GaugeCell).value)}\n`;
  }
}

function histogramText(name: string, labels: string, cell: HistogramCell): string {
  const comma = labels === '' ? '' : ',';
  const { bounds, counts } = cell;
  let text = '';
  let cumulative = 0;
  for (let i = 0; i < counts.length; i++) {
    cumulative += counts[i] as number;
    const le = i < bounds.length ? formatValue(bounds[i] as number) : '+Inf';
    text += `${name}_bucket{${labels}${comma}le="${le}"} ${cumulative}\n`;
  }
  return `${text}${name}_sum${braced(labels)} ${formatValue(cell.sum)}\n${name}_count${braced(labels)} ${cumulative}\n`;
}

function summaryText(name: string, labels: string, cell: SummaryCell): string {
  const comma = labels === '' ? '' : ',';
  let text = '';
  cell.values().forEach((value, i) => {
    text += `${name}{${labels}${comma}quantile="${cell.quantiles[i]}"} ${formatValue(value)}\n`;
  });
  return `${text}${name}_sum${braced(labels)} ${formatValue(cell.sum)}\n${name}_count${braced(labels)} ${cell.count}\n`;
}

/** A metric that is not ours, from what its `get()` returned. */
export function foreignText(
  metric: MetricValues,
  defaultLabels: Readonly<Record<string, string>>,
): string {
  let text = head(metric.name, metric.help, metric.type);
  for (const { labels, value, metricName } of metric.values) {
    const merged: Record<string, string | number> = { ...labels, ...defaultLabels, ...labels };
    const pairs = Object.entries(merged).map(
      ([label, labelValue]) => `${label}="${escapeLabelValue(String(labelValue))}"`,
    );
    text += `${metricName ?? metric.name}${braced(pairs.join(','))} ${formatValue(value)}\n`;
  }
  return text;
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}
