import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import { LabelNames, parseLabelNames } from '../../metrics/label-names';
import { type ExpositionFormat, type MetricFamily, parseExposition } from './exposition';
import { isNamed } from './handler-series';

/** The metrics of an endpoint. Built-in labels have their built-in names in the samples. */
export interface ServedMetrics {
  readonly families: MetricFamily[];
  /** The names that the endpoint gives to built-in labels. `thrift_metrics_info` shows them. */
  readonly labelNames: LabelNames;
}

/**
 * Parses the metrics of an endpoint, as {@link parseExposition} does.
 *
 * @throws {ExpositionError} at the first line that does not conform to the format.
 */
export function parseServedMetrics(text: string, format: ExpositionFormat): ServedMetrics {
  return withBuiltInNames(parseExposition(text, format));
}

/** Gives built-in labels their built-in names. */
export function withBuiltInNames(families: MetricFamily[]): ServedMetrics {
  const labelNames = servedLabelNames(families);
  if (labelNames.isDefault) return { families, labelNames };
  return {
    families: families.map((family) => ({
      ...family,
      samples: family.samples.map((sample) => ({
        ...sample,
        labels: new Map(
          [...sample.labels].map(([name, value]) => [labelNames.builtInOf(name), value]),
        ),
      })),
    })),
    labelNames,
  };
}

function servedLabelNames(families: readonly MetricFamily[]): LabelNames {
  const mapping: Record<string, string> = {};
  for (const family of families) {
    if (!isNamed(family, CATALOGUE.info)) continue;
    for (const { labels } of family.samples) {
      Object.assign(mapping, parseLabelNames(labels.get(LABEL.labelNames) ?? ''));
    }
  }
  return new LabelNames(mapping);
}
