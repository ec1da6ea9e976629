import type { MetricSpec } from '../declaration/metric-spec';
import { CATALOGUE, METRIC_KINDS, type MetricKind } from '../metrics/catalogue';
import type { Call } from '../recording/call';
import { exceptionClassName } from '../recording/exception';
import {
  checkOption,
  checkOptionTable,
  isBoolean,
  isFunction,
  isNonEmptyString,
  isObject,
  isString,
  mustBe,
  type OptionCheck,
  type OptionTable,
  show,
} from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import {
  checkBuckets,
  checkCallLabels,
  checkCounterName,
  checkMetricName,
  checkQuantiles,
} from '../validation/metric-checks';
import type {
  ErrorsCountedOptions,
  InstrumentedOptions,
  MetricOptions,
  MetricOptionsOf,
  TimedOptions,
} from './options';

/** Labels that the metric itself or the text format sets. */
const RESERVED: Readonly<Record<MetricKind, readonly string[]>> = {
  counted: CATALOGUE.counted.labels,
  timed: [...CATALOGUE.timed.labels, 'le', 'quantile'],
  errorsCounted: CATALOGUE.errorsCounted.labels,
  inFlight: CATALOGUE.inFlight.labels,
};

const checkExceptions: OptionCheck = (where, name, exceptions) => {
  if (!Array.isArray(exceptions)) {
    throw new ThriftMetricsError(
      'TM_ERR_EXCEPTION_CLASS',
      `${where}: option '${name}' is ${show(exceptions)}. Expected a list of exception classes, such as [InvalidOperation].`,
    );
  }
  for (const exception of exceptions as readonly unknown[]) {
    if (typeof exception !== 'function' || typeof exception.prototype !== 'object') {
      throw new ThriftMetricsError(
        'TM_ERR_EXCEPTION_CLASS',
        `${where}: option '${name}' contains ${show(exception)}, which is not a class. ${adviceFor(exception)}`,
      );
    }
    if (exceptionClassName(exception) === '') {
      throw new ThriftMetricsError(
        'TM_ERR_EXCEPTION_CLASS',
        `${where}: option '${name}' contains a class without a name, so its errors have no type to be counted under. Give the class a name.`,
      );
    }
  }
};

function adviceFor(exception: unknown): string {
  if (exception === undefined) {
    return 'Check its import, and that modules do not import each other.';
  }
  return isObject(exception) ? 'List the class, not an instance.' : 'List classes only.';
}

const bucketsOption: OptionCheck = (where, _name, value) => checkBuckets(where, value);
const quantilesOption: OptionCheck = (where, _name, value) => checkQuantiles(where, value);

/** Creates the check of an option `labels`. `reserved` has the labels that the metric sets itself. */
export function labelsOption(reserved: readonly string[]): OptionCheck {
  return (where, _name, value) => checkCallLabels(where, value, reserved);
}

function commonOptions(kind: MetricKind): OptionTable<MetricOptions> {
  return {
    name: (where, _name, value) =>
      CATALOGUE[kind].type === 'counter'
        ? checkCounterName(where, value)
        : checkMetricName(where, value),
    help: mustBe(isString, 'a string'),
    labels: labelsOption(RESERVED[kind]),
  };
}

export const failedOption: OptionCheck = mustBe(
  isFunction,
  'a function of the call that returns true, false, or the type of the failure',
);

const METRIC_OPTIONS: {
  readonly [Kind in MetricKind]: OptionTable<MetricOptionsOf[Kind]>;
} = {
  counted: commonOptions('counted'),
  timed: {
    ...commonOptions('timed'),
    buckets: bucketsOption,
    quantiles: quantilesOption,
    native: mustBe(isBoolean, 'true or false'),
    failed: failedOption,
  },
  errorsCounted: {
    ...commonOptions('errorsCounted'),
    exceptions: checkExceptions,
    failed: failedOption,
  },
  inFlight: commonOptions('inFlight'),
};

/** Checks the options of one metric within those of `Instrumented`. */
function metricOption(kind: MetricKind): OptionCheck {
  return (where, name, value) => {
    if (value === false) return;
    const expected = 'an object of options, or false to leave the metric out';
    checkOption(where, name, value, isOptions, expected);
    checkOptionTable<MetricOptions>(`${where}: ${name}`, value, METRIC_OPTIONS[kind]);
  };
}

const isOptions = (value: unknown): boolean => isObject(value) && !Array.isArray(value);

/** Completes "Expected …." in messages about the name of a service. */
export const SERVICE_NAME = "the name of a Thrift service, such as 'Calculator'";

export const INSTRUMENTED_OPTIONS: OptionTable<InstrumentedOptions> = {
  service: mustBe(isNonEmptyString, SERVICE_NAME),
  exceptions: checkExceptions,
  buckets: bucketsOption,
  labels: labelsOption([]),
  failed: failedOption,
  counted: metricOption('counted'),
  timed: metricOption('timed'),
  errorsCounted: metricOption('errorsCounted'),
  inFlight: metricOption('inFlight'),
};

type AnyMetricOptions = MetricOptions & TimedOptions & ErrorsCountedOptions;

/** Validates the options of one metric and fills in the defaults. `where` names decorator and method. */
export function createMetricSpec(kind: MetricKind, options: unknown, where: string): MetricSpec {
  checkOptionTable<MetricOptions>(where, options, METRIC_OPTIONS[kind]);
  const { name, help, labels, buckets, quantiles, native, exceptions, failed } =
    options as AnyMetricOptions;
  if (buckets !== undefined && quantiles !== undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: options 'buckets' and 'quantiles' exclude each other, because a histogram has buckets and a summary has quantiles. Remove one of them.`,
    );
  }
  if (native === true && quantiles !== undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: options 'native' and 'quantiles' exclude each other, because a summary has no buckets. Remove one of them.`,
    );
  }
  const entry = CATALOGUE[kind];
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
    failed: failed ?? null,
  };
}

/** Creates the metrics of `Instrumented` options: all four, without the ones that are `false`. */
export function createMetricSpecs(options: unknown, where: string): MetricSpec[] {
  checkOptionTable<InstrumentedOptions>(where, options, INSTRUMENTED_OPTIONS);
  const specs: MetricSpec[] = [];
  for (const kind of METRIC_KINDS) {
    const own = options[kind];
    if (own === false) continue;
    specs.push(createMetricSpec(kind, mergeOptions(kind, own ?? {}, options), `${where}: ${kind}`));
  }
  return specs;
}

/** The options of one metric with those that `Instrumented` sets for all. The metric's own options take precedence. */
function mergeOptions(
  kind: MetricKind,
  own: AnyMetricOptions,
  { exceptions, buckets, labels, failed }: InstrumentedOptions,
): AnyMetricOptions {
  return {
    ...own,
    ...((labels !== undefined || own.labels !== undefined) && {
      labels: { ...labels, ...own.labels },
    }),
    ...(kind === 'timed' && own.quantiles === undefined && { buckets: own.buckets ?? buckets }),
    ...(kind === 'errorsCounted' && { exceptions: own.exceptions ?? exceptions }),
    ...((kind === 'timed' || kind === 'errorsCounted') && { failed: own.failed ?? failed }),
  };
}
