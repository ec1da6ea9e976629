import { LABEL, type MetricKind } from '../catalogue';
import type { CounterCell } from '../metrics/counter-cell';
import type { Family, Series } from '../metrics/family';
import type { GaugeCell } from '../metrics/gauge-cell';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { Labels } from '../metrics/label-text';
import type { SummaryCell } from '../metrics/summary-cell';
import { state } from '../registry/state';
import { MethodReading } from './method-reading';

/** What identifies a method of a service. */
export function methodKey(service: string, method: string): string {
  return `${service}\0${method}`;
}

interface SeriesFacts {
  readonly key: string;
  readonly labels: Labels;
}

/** Labels are read from the text of a series, which is slow, and never change. */
const facts = new WeakMap<Series, SeriesFacts>();

/** What the metrics of every declared method hold now, summed over their other labels. */
export function readMethods(): Map<string, MethodReading> {
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
      const { key, labels } = factsOf(series);
      const kind = ofFamily.get(key);
      if (kind !== undefined) add(readings.get(key) as MethodReading, kind, labels, series);
    }
  }
  return readings;
}

function factsOf(series: Series): SeriesFacts {
  let found = facts.get(series);
  if (found === undefined) {
    const { labels } = series;
    const key = methodKey(labels[LABEL.service] ?? '', labels[LABEL.method] ?? '');
    facts.set(series, (found = { key, labels }));
  }
  return found;
}

function add(reading: MethodReading, kind: MetricKind, labels: Labels, { cell }: Series): void {
  switch (kind) {
    case 'counted':
      reading.requests += (cell as CounterCell).value;
      return;
    case 'inFlight':
      reading.inFlight += (cell as GaugeCell).value;
      return;
    case 'errorsCounted':
      reading.addErrors(
        labels[LABEL.exceptionKind] ?? '',
        labels[LABEL.exceptionType] ?? '',
        (cell as CounterCell).value,
      );
      return;
    case 'timed':
      reading.addLatencies(labels[LABEL.success] === 'true', cell as HistogramCell | SummaryCell);
  }
}
