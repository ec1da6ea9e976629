import { LABEL, type MetricKind } from '../catalogue';
import type { CounterCell } from '../metrics/counter-cell';
import type { Family, Series } from '../metrics/family';
import type { GaugeCell } from '../metrics/gauge-cell';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { SummaryCell } from '../metrics/summary-cell';
import { state } from '../registry/state';
import { MethodReading } from './method-reading';

/** What identifies a method of a service. */
export function methodKey(service: string, method: string): string {
  return `${service}\0${method}`;
}

/** What the labels of a series say of its method. */
interface SeriesFacts {
  readonly key: string;
  readonly isOk: boolean;
  readonly errorKind: string;
  readonly errorType: string;
}

/** Labels are read from the text of a series, which is slow, and never change. */
const facts = new WeakMap<Series, SeriesFacts>();

/** Many series have the same texts: each is kept once. */
const texts = new Map<string, string>();

/**
 * What the metrics of every declared method hold now, summed over their other labels. There may be many series: it can
 * be left for a while after each.
 */
export function* readMethods(): Generator<void, Map<string, MethodReading>, void> {
  const readings = new Map<string, MethodReading>();
  const kinds = new Map<Family, Map<string, MetricKind>>();
  for (const { method, plan, specs } of state.methods.values()) {
    const key = methodKey(plan.service, method);
    let reading = readings.get(key);
    if (reading === undefined) {
      readings.set(key, (reading = new MethodReading(plan.service, method)));
    }
    for (const { kind, name } of specs) {
      const family = state.families.get(name);
      // Of two metrics of one kind, either tells the same.
      if (family === undefined || reading.kinds.has(kind)) continue;
      reading.kinds.add(kind);
      let ofFamily = kinds.get(family);
      if (ofFamily === undefined) kinds.set(family, (ofFamily = new Map()));
      ofFamily.set(key, kind);
    }
  }
  for (const [family, ofFamily] of kinds) {
    for (const series of family.series()) {
      const known = factsOf(series);
      const kind = ofFamily.get(known.key);
      if (kind !== undefined) add(readings.get(known.key) as MethodReading, kind, known, series);
      yield;
    }
  }
  return readings;
}

function factsOf(series: Series): SeriesFacts {
  let found = facts.get(series);
  if (found === undefined) {
    const { labels } = series;
    found = {
      key: textOf(methodKey(labels[LABEL.service] ?? '', labels[LABEL.method] ?? '')),
      isOk: labels[LABEL.success] === 'true',
      errorKind: textOf(labels[LABEL.exceptionKind] ?? ''),
      errorType: textOf(labels[LABEL.exceptionType] ?? ''),
    };
    facts.set(series, found);
  }
  return found;
}

function textOf(text: string): string {
  const known = texts.get(text);
  if (known === undefined) texts.set(text, text);
  return known ?? text;
}

function add(
  reading: MethodReading,
  kind: MetricKind,
  { isOk, errorKind, errorType }: SeriesFacts,
  { cell }: Series,
): void {
  switch (kind) {
    case 'counted':
      reading.requests += (cell as CounterCell).value;
      return;
    case 'inFlight':
      reading.inFlight += (cell as GaugeCell).value;
      return;
    case 'errorsCounted':
      reading.addErrors(errorKind, errorType, (cell as CounterCell).value);
      return;
    case 'timed':
      reading.addLatencies(isOk, cell as HistogramCell | SummaryCell);
  }
}
