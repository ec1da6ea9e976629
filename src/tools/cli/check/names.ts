import type { MetricFamily } from '../exposition';
import { finding, type Finding } from './check-rules';

/** The base units of https://prometheus.io/docs/practices/naming/. */
const BASE_UNITS: ReadonlySet<string> = new Set([
  'amperes',
  'bytes',
  'celsius',
  'grams',
  'joules',
  'meters',
  'seconds',
  'volts',
]);
const PREFIXES =
  /^(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mebi|giga|gibi|tera|tebi|peta|pebi)(?=.)/;
/** Units that Prometheus does not use, and the base units to use instead. */
const OTHER_UNITS: Readonly<Record<string, string>> = {
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  weeks: 'seconds',
  kelvins: 'celsius',
  fahrenheit: 'celsius',
  rankine: 'celsius',
  inches: 'meters',
  yards: 'meters',
  miles: 'meters',
  bits: 'bytes',
  calories: 'joules',
  pounds: 'grams',
  ounces: 'grams',
};
const ABBREVIATED_UNITS: ReadonlySet<string> = new Set(
  's ms us ns sec m h d b kb mb gb tb pb'.split(' '),
);
const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary']);
const CAMEL_CASE = /[a-z][A-Z]/;

/** Finds problems with the names of a metric and of its labels. */
export function* lintNames(family: MetricFamily): Generator<Finding> {
  const { name, type } = family;
  const isTotal = name.endsWith('_total');
  if (type === 'counter' && !isTotal) {
    yield finding('counter-suffix', name, 'the name of a counter must end with _total');
  } else if (type !== 'counter' && type !== null && isTotal) {
    yield finding('counter-suffix', name, `the name of a ${type} must not end with _total`);
  }
  yield* lintReserved(family);
  if (CAMEL_CASE.test(name)) {
    yield finding('name-style', name, 'the name is in camelCase; use snake_case');
  }
  if (name.includes(':')) {
    yield finding('name-style', name, "':' is reserved for recording rules; remove it");
  }
  yield* lintWords(name);
  for (const label of labelNamesOf(family)) {
    if (CAMEL_CASE.test(label)) {
      yield finding('name-style', name, `label '${label}' is in camelCase; use snake_case`);
    }
  }
}

function* lintReserved(family: MetricFamily): Generator<Finding> {
  const { name, type } = family;
  const suffix = /_(?:bucket|sum|count)$/.exec(name)?.[0];
  const isAllowed = type === 'histogram' || (type === 'summary' && suffix !== '_bucket');
  if (suffix !== undefined && !isAllowed) {
    yield finding(
      'reserved-suffix',
      name,
      `${suffix} is reserved for histograms and summaries; rename the metric`,
    );
  }
  for (const label of labelNamesOf(family)) {
    const reservedFor = label === 'le' ? 'histogram' : label === 'quantile' ? 'summary' : null;
    if (reservedFor !== null && reservedFor !== type) {
      yield finding(
        'reserved-label',
        name,
        `label '${label}' is reserved for a ${reservedFor}; rename it`,
      );
    } else if (label.startsWith('__')) {
      yield finding(
        'reserved-label',
        name,
        `label '${label}' starts with __, which Prometheus reserves; rename it`,
      );
    }
  }
}

function* lintWords(name: string): Generator<Finding> {
  const words = name.toLowerCase().split('_');
  for (const [i, word] of words.entries()) {
    if (i === 0) continue;
    const base = baseUnitOf(word);
    if (base !== null && base !== word) {
      yield finding('base-unit', name, `'${word}' is not a base unit; use ${base}`);
    }
    if (ABBREVIATED_UNITS.has(word)) {
      yield finding('abbreviated-unit', name, `'${word}' abbreviates a unit; use its full name`);
    }
    if (TYPES.has(word)) {
      yield finding(
        'type-in-name',
        name,
        `the name contains the type '${word}', which may change; remove it`,
      );
    }
  }
}

/** The base unit to use for a unit, or null if the word is not a unit. */
function baseUnitOf(word: string): string | null {
  const other = OTHER_UNITS[word];
  if (other !== undefined) return other;
  const unit = word.replace(PREFIXES, '');
  return BASE_UNITS.has(unit) ? unit : null;
}

function labelNamesOf({ samples }: MetricFamily): Set<string> {
  return new Set(samples.flatMap(({ labels }) => [...labels.keys()]));
}
