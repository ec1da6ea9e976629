import type { MetricSpec } from '../declaration/metric-spec';
import { CATALOGUE, METRIC_KINDS, type MetricKind } from '../metrics/catalogue';
import type { Call } from '../recording/call';
import { type ExceptionClass, exceptionClassName } from '../recording/exception';
import {
  checkBuckets,
  checkCallLabels,
  checkMetricName,
  checkOption,
  checkOptions,
  checkQuantiles,
  isBoolean,
  isNonEmptyString,
  isObject,
  isString,
  show,
} from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import type {
  ErrorsCountedOptions,
  InstrumentedOptions,
  MetricOptions,
  TimedOptions,
} from './options';

const COMMON = ['name', 'help', 'labels'] as const;

const ALLOWED: Readonly<Record<MetricKind, readonly string[]>> = {
  counted: COMMON,
  timed: [...COMMON, 'buckets', 'quantiles', 'native'],
  errorsCounted: [...COMMON, 'exceptions'],
  inFlight: COMMON,
};

/** Labels that the text format sets, beside those of the metric itself. */
const RESERVED: Readonly<Record<MetricKind, readonly string[]>> = {
  counted: CATALOGUE.counted.labels,
  timed: [...CATALOGUE.timed.labels, 'le', 'quantile'],
  errorsCounted: CATALOGUE.errorsCounted.labels,
  inFlight: CATALOGUE.inFlight.labels,
};

/** Validates the options of one metric and fills in the defaults. `where` names decorator and method. */
export function createMetricSpec(kind: MetricKind, options: unknown, where: string): MetricSpec {
  checkOptions(where, options, ALLOWED[kind]);
  const { name, help, labels, buckets, quantiles, native, exceptions } = options as MetricOptions &
    TimedOptions &
    ErrorsCountedOptions;
  const entry = CATALOGUE[kind];
  if (name !== undefined) checkMetricName(where, name);
  checkOption(where, 'help', help, isString, 'a string');
  if (labels !== undefined) checkCallLabels(where, labels, RESERVED[kind]);
  if (buckets !== undefined) checkBuckets(where, buckets);
  if (quantiles !== undefined) checkQuantiles(where, quantiles);
  if (buckets !== undefined && quantiles !== undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: options 'buckets' and 'quantiles' exclude each other, because a histogram has buckets and a summary has quantiles. Remove one of them.`,
    );
  }
  checkOption(where, 'native', native, isBoolean, 'true or false');
  if (native === true && quantiles !== undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: options 'native' and 'quantiles' exclude each other, because a summary has no buckets. Remove one of them.`,
    );
  }
  if (exceptions !== undefined) checkExceptions(where, exceptions);
  const entries = Object.entries(labels ?? {});
  return {
    kind,
    name: name ?? entry.name,
    help: help ?? entry.help,
    type: quantiles === undefined ? entry.type : 'summary',
    constantLabels: Object.fromEntries(
      entries.filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    ),
    labelFunctions: Object.fromEntries(
      entries.filter(
        (pair): pair is [string, (call: Call) => string] => typeof pair[1] === 'function',
      ),
    ),
    buckets: buckets === undefined ? null : [...buckets],
    quantiles: quantiles === undefined ? null : [...quantiles],
    native: native ?? null,
    exceptions: exceptions === undefined ? null : [...exceptions],
  };
}

const INSTRUMENTED = ['service', 'exceptions', 'buckets', 'labels', ...METRIC_KINDS] as const;

/** The metrics that `Instrumented` options ask for: all four, less those that are `false`. */
export function createMetricSpecs(options: unknown, where: string): MetricSpec[] {
  checkOptions(where, options, INSTRUMENTED);
  const { service, exceptions, buckets, labels, ...kinds } = options as InstrumentedOptions;
  checkServiceName(where, service);
  if (labels !== undefined) checkCallLabels(where, labels, []);
  const specs: MetricSpec[] = [];
  for (const kind of METRIC_KINDS) {
    const given: unknown = kinds[kind];
    if (given === false) continue;
    checkOption(
      where,
      kind,
      given,
      isOptions,
      'an object of options, or false to leave the metric out',
    );
    if (given !== undefined) checkOptions(`${where}: ${kind}`, given, ALLOWED[kind]);
    const own = (given ?? {}) as MetricOptions & TimedOptions & ErrorsCountedOptions;
    const merged: Record<string, unknown> = { ...own };
    if (labels !== undefined || own.labels !== undefined) {
      merged['labels'] = { ...labels, ...own.labels };
    }
    if (kind === 'timed' && own.quantiles === undefined) merged['buckets'] = own.buckets ?? buckets;
    if (kind === 'errorsCounted') merged['exceptions'] = own.exceptions ?? exceptions;
    specs.push(createMetricSpec(kind, merged, `${where}: ${kind}`));
  }
  return specs;
}

const isOptions = (value: unknown): boolean => isObject(value) && !Array.isArray(value);

function checkServiceName(where: string, service: unknown): void {
  checkOption(
    where,
    'service',
    service,
    isNonEmptyString,
    "the name of a Thrift service, such as 'Calculator'",
  );
}

function checkExceptions(
  where: string,
  exceptions: unknown,
): asserts exceptions is readonly ExceptionClass[] {
  if (!Array.isArray(exceptions)) {
    throw new ThriftMetricsError(
      'TM_ERR_EXCEPTION_CLASS',
      `${where}: option 'exceptions' is ${show(exceptions)}. Expected a list of exception classes, such as [InvalidOperation].`,
    );
  }
  for (const exception of exceptions as readonly unknown[]) {
    if (typeof exception !== 'function' || typeof exception.prototype !== 'object') {
      throw new ThriftMetricsError(
        'TM_ERR_EXCEPTION_CLASS',
        `${where}: option 'exceptions' contains ${show(exception)}, which is not a class. ${adviceFor(exception)}`,
      );
    }
    if (exceptionClassName(exception as unknown as ExceptionClass) === '') {
      throw new ThriftMetricsError(
        'TM_ERR_EXCEPTION_CLASS',
        `${where}: option 'exceptions' contains a class without a name, so its errors have no type to be counted under. Give the class a name.`,
      );
    }
  }
}

function adviceFor(exception: unknown): string {
  if (exception === undefined)
    return 'Check its import, and that modules do not import each other.';
  return isObject(exception) ? 'List the class, not an instance.' : 'List classes only.';
}
