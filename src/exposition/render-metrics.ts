import { ThriftMetricsError } from '../errors';
import { Family } from '../metrics/family';
import type { RegistryMetric } from '../metrics/sample';
import { currentRegistry } from '../registry/current-registry';
import { restoreFamilies } from '../registry/families';
import { faults } from '../registry/faults';
import { defaultLabelsOf } from '../registry/metrics-registry';
import { state } from '../registry/state';
import { checkOption, checkOptions, isString } from '../validation/options';
import { familyText, foreignText } from './metric-text';

export interface RenderOptions {
  /** The Accept header of the reader. Prometheus text 0.0.4 is what is written so far. */
  accept?: string | undefined;
  /** Only the metrics of these names, prefix included. All. */
  names?: readonly string[] | undefined;
}

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: Buffer;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Everything in the registry as Prometheus reads it, the program's own metrics included. A metric whose `get` or `collect`
 * fails is left out and counted in `thrift_metrics_internal_errors_total`; the rest is written.
 *
 * @throws {ThriftMetricsError} when an option is wrong.
 *
 * @example
 * const { contentType, body } = await renderMetrics({ names: ['thrift_server_requests_total'] });
 */
export async function renderMetrics(options: RenderOptions = {}): Promise<RenderedMetrics> {
  checkOptions('renderMetrics', options, ['accept', 'names']);
  checkOption('renderMetrics', 'accept', options.accept, isString, 'a string');
  checkOption('renderMetrics', 'names', options.names, isStrings, 'an array of strings');
  if (restoreFamilies()) {
    faults.report(
      'registry',
      new ThriftMetricsError(
        'TM_ERR_REGISTRY_CLEARED',
        'the registry was cleared while it held the metrics of this package; they were put back',
      ),
    );
  }
  const registry = currentRegistry();
  const metrics = registry.getMetricsAsArray() as RegistryMetric[];
  const names = options.names === undefined ? null : new Set<string>(options.names);
  const texts = await Promise.all(
    metrics.filter(({ name }) => names === null || names.has(name)).map(metricText),
  );
  const written = texts.filter((text) => text !== null);
  return { contentType: TEXT_CONTENT_TYPE, body: Buffer.from(written.join('\n')) };
}

async function metricText(metric: RegistryMetric): Promise<string | null> {
  const defaultLabels = defaultLabelsOf(currentRegistry());
  try {
    if (isFamily(metric)) return familyText(metric, defaultLabels);
    return foreignText(await metric.get(), defaultLabels);
  } catch (error) {
    faults.report(`collect:${metric.name}`, error);
    return null;
  }
}

function isFamily(metric: RegistryMetric): metric is Family {
  for (const family of state.families.values()) if (family === metric) return true;
  return metric instanceof Family;
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
