import { CATALOGUE, LABEL } from '../metrics/catalogue';
import type { FamilyView } from '../metrics/family';
import type { LabelNames } from '../metrics/label-names';
import type { Labels } from '../metrics/labels';
import { UNKNOWN } from '../recording/guards';
import { unitOf } from '../scrape/unit';
import type { Attributes } from './metric-data';

/** How a family appears in OpenTelemetry. */
interface MetricIdentity {
  readonly name: string;
  readonly description: string;
  /** In UCUM, or `''`. */
  readonly unit: string;
}

/** Names metrics and attributes. */
export interface MetricNaming {
  identify(family: NamedFamily): MetricIdentity;
  /** Converts the labels of a series, without default labels. `labelNames` are the names that a scrape shows. */
  attributesOf(labels: Labels, labelNames: LabelNames): Attributes;
  /** What follows the name of a summary in the name of the gauge with its quantiles. */
  readonly quantileSuffix: string;
  /** Whether histograms of failed calls have a data point for each `error.type`. */
  readonly hasErrorTypes: boolean;
}

/** The names of a family: in the registry, and as it was declared, without the prefix. */
type NamedFamily = Pick<FamilyView, 'registeredName' | 'help'> & {
  readonly baseName: string;
};

const UCUM: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By' };

function ucumUnitOf(name: string): string {
  return UCUM[unitOf(name) ?? ''] ?? '';
}

/** Keeps the names that a scrape shows. Prometheus's OTLP receiver stores them unchanged. */
export const PROMETHEUS_NAMING: MetricNaming = {
  identify: ({ registeredName, help }) => ({
    name: registeredName,
    description: help,
    unit: ucumUnitOf(registeredName),
  }),
  attributesOf: (labels, labelNames) => labelNames.inLabels(labels),
  quantileSuffix: '_quantile',
  hasErrorTypes: false,
};

/**
 * The metrics of the stable conventions. The descriptions are theirs.
 * https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/
 */
const CONVENTIONS: Readonly<Record<string, MetricIdentity>> = {
  [CATALOGUE.timed.name]: {
    name: 'rpc.server.call.duration',
    description: 'Measures the duration of an incoming Remote Procedure Call (RPC).',
    unit: 's',
  },
  [CATALOGUE.clientLatency.name]: {
    name: 'rpc.client.call.duration',
    description: 'Measures the duration of an outgoing Remote Procedure Call (RPC).',
    unit: 's',
  },
};

/** The value of `rpc.method` of a method that the service does not have, and of `error.type` of an error without a type. */
const OTHER = '_OTHER';

const BUILT_IN: ReadonlySet<string> = new Set(Object.values(CATALOGUE).map(({ name }) => name));
const BUILT_IN_LABELS: ReadonlySet<string> = new Set(Object.values(LABEL));

/**
 * Uses the names of the RPC conventions where they have one, and names of the same form for the other built-in metrics: the
 * unit and `_total` are not part of the name, and dots separate namespaces. Metrics that the program has named keep their
 * names.
 */
export const CONVENTION_NAMING: MetricNaming = {
  identify({ registeredName, baseName, help }) {
    const convention = CONVENTIONS[baseName];
    if (convention !== undefined) return convention;
    if (!BUILT_IN.has(baseName))
      return PROMETHEUS_NAMING.identify({ registeredName, baseName, help });
    const prefix = registeredName.slice(0, registeredName.length - baseName.length);
    const name = baseName
      .replace(/^thrift_(server|client|metrics)_/, 'thrift.$1.')
      .replace(/_total$/, '')
      .replace(/_(?:seconds|bytes)$/, '');
    return { name: prefix + name, description: help, unit: ucumUnitOf(baseName) };
  },
  attributesOf(labels) {
    const attributes: Record<string, string> = {};
    for (const [name, value] of Object.entries(labels)) {
      if (name === LABEL.service && labels[LABEL.method] !== undefined) continue;
      if (name === LABEL.method) addMethod(attributes, labels[LABEL.service], value);
      else if (name === LABEL.success) {
        if (value === 'false') attributes['error.type'] = OTHER;
      } else attributes[attributeName(name)] = value;
    }
    return attributes;
  },
  quantileSuffix: '.quantile',
  hasErrorTypes: true,
};

function addMethod(
  attributes: Record<string, string>,
  service: string | undefined,
  method: string,
): void {
  attributes['rpc.system.name'] = 'apache_thrift';
  if (method === UNKNOWN) {
    attributes['rpc.method'] = OTHER;
    // Tells the unknown methods of several services apart.
    if (service !== undefined) attributes['thrift.service'] = service;
  } else attributes['rpc.method'] = service === undefined ? method : `${service}/${method}`;
}

function attributeName(label: string): string {
  if (label === LABEL.exceptionType) return 'error.type';
  return BUILT_IN_LABELS.has(label) ? label.replace(/^thrift_/, 'thrift.') : label;
}
