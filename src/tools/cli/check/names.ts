import { finding, type Finding } from './check-rules';
import type { MetricFamily } from '../exposition';

// https://prometheus.io/docs/practices/naming/ : which units are base units, and which are not.
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
  ['s', 'ms', 'us', 'ns', 'sec', 'm', 'h', 'd'].concat(['b', 'kb', 'mb', 'gb', 'tb', 'pb']),
);
const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary']);
const CAMEL_CASE = /[a-z][A-Z]/;

/** What is wrong with the names that a metric and its labels have. */
export function* lintNames(family: MetricFamily): Generator<Finding> {
  const { name, type } = family;
  const isTotal = name.endsWith('_total');
  if (type === 'counter' && !isTotal) {
    yield finding('counter-suffix', name, "a counter's name has to end with _total");
  } else if (type !== 'counter' && type !== null && isTotal) {
    yield finding('counter-suffix', name, `a ${type}'s name must not end with _total`);
  }
  yield* lintReserved(family);
  if (CAMEL_CASE.test(name)) {
    yield finding('name-style', name, 'the name is in camelCase; snake_case is expected');
  }
  if (name.includes(':')) {
    yield finding('name-style', name, "':' is for the names of recording rules");
  }
  yield* lintWords(name);
  for (const label of labelNamesOf(family)) {
    if (CAMEL_CASE.test(label)) {
      yield finding('name-style', name, `label '${label}' is in camelCase; snake_case is expected`);
    }
  }
}

function* lintReserved(family: MetricFamily): Generator<Finding> {
  const { name, type } = family;
  const suffix = /_(?:bucket|sum|count)$/.exec(name)?.[0];
  const isMade = type === 'histogram' || (type === 'summary' && suffix !== '_bucket');
  if (suffix !== undefined && !isMade) {
    yield finding('reserved-suffix', name, `${suffix} is for the series of a histogram or summary`);
  }
  for (const label of labelNamesOf(family)) {
    const owner = label === 'le' ? 'histogram' : label === 'quantile' ? 'summary' : null;
    if (owner !== null && owner !== type) {
      yield finding('reserved-label', name, `label '${label}' is for a ${owner}`);
    } else if (label.startsWith('__')) {
      yield finding('reserved-label', name, `label '${label}': Prometheus keeps __ for itself`);
    }
  }
}

function* lintWords(name: string): Generator<Finding> {
  const words = name.toLowerCase().split('_');
  for (const [i, word] of words.entries()) {
    if (i === 0) continue;
    const base = baseUnitOf(word);
    if (base !== null && base !== word) {
      yield finding('base-unit', name, `'${word}' is no base unit; measure in ${base}`);
    }
    if (ABBREVIATED_UNITS.has(word)) {
      yield finding('abbreviated-unit', name, `'${word}' abbreviates a unit; write it out`);
    }
    if (TYPES.has(word)) {
      yield finding('type-in-name', name, `the name tells the type '${word}', which may change`);
    }
  }
}

function baseUnitOf(word: string): string | null {
  const other = OTHER_UNITS[word];
  if (other !== undefined) return other;
  const unit = word.replace(PREFIXES, '');
  return BASE_UNITS.has(unit) ? unit : null;
}

function labelNamesOf({ samples }: MetricFamily): Set<string> {
  return new Set(samples.flatMap(({ labels }) => [...labels.keys()]));
}
