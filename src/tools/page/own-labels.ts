import { declarationsOf } from '../../declaration/declarations';
import type { MetricSpec } from '../../declaration/metric-spec';
import { LABEL, type MetricKind } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import type { FamilyView, Series } from '../../metrics/family';
import type { HistogramCell } from '../../metrics/histogram-cell';
import type { Labels } from '../../metrics/labels';
import type { SummaryCell } from '../../metrics/summary-cell';
import { defaultLabelsOf } from '../../runtime/metrics-registry';
import type { Policy } from '../../runtime/policy';
import type { Runtime } from '../../runtime/runtime';

/** One label of the program on a series, such as `tier="gold"`. */
export interface OwnLabel {
  /** Identifies the label with its value. */
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

/** The labels that the metrics of methods have by themselves. */
const BUILT_IN: ReadonlySet<string> = new Set([
  LABEL.service,
  LABEL.method,
  LABEL.success,
  LABEL.exceptionKind,
  LABEL.exceptionType,
]);

/** The names of the labels that a declaration adds to a metric. */
export function ownNamesOf({
  constantLabels,
  labelFunctions,
}: Pick<MetricSpec, 'constantLabels' | 'labelFunctions'>): string[] {
  return [...Object.keys(constantLabels), ...Object.keys(labelFunctions)];
}

/** Tells the labels that the program declares from built-in labels and default labels. */
export class OwnLabels {
  private policy: Policy;
  private isSum = false;
  private ofProcess: ReadonlySet<string> = new Set();

  constructor(private readonly runtime: Runtime) {
    this.policy = runtime.settings.policy;
  }

  /**
   * Adapts to the settings before a reading. Series that are summed over workers also have default labels.
   *
   * @returns whether labels that were read before may be different now
   */
  refresh(isSum: boolean): boolean {
    const { settings, registry } = this.runtime;
    const hasChanged = settings.policy !== this.policy || isSum !== this.isSum;
    this.policy = settings.policy;
    this.isSum = isSum;
    this.ofProcess = isSum
      ? new Set(Object.keys({ ...defaultLabelsOf(registry.current()), ...settings.defaultLabels }))
      : new Set();
    for (const { specs } of isSum ? declarationsOf(this.runtime).methods.values() : []) {
      for (const name of specs.flatMap(ownNamesOf)) this.ofProcess = without(this.ofProcess, name);
    }
    return hasChanged;
  }

  /** The program's labels on a series, without those that a rule drops. */
  of({ registeredName }: FamilyView, labels: Labels): OwnLabel[] {
    const { prefix } = this.runtime.settings;
    const metric = registeredName.slice(prefix.length);
    const dropped = this.policy.mayDrop(metric)
      ? (this.policy.rulingOf(metric, labels)?.dropped ?? [])
      : [];
    return Object.entries(labels)
      .filter(
        ([name]) => !BUILT_IN.has(name) && !this.ofProcess.has(name) && !dropped.includes(name),
      )
      .map(([name, value]) => ({ key: `${name}\0${value}`, name, value }));
  }
}

function without(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return names.has(name) ? new Set([...names].filter((other) => other !== name)) : names;
}

/** The values of the metrics of one method with one label at one moment. */
export class LabelledReading {
  requests = 0;
  /** Successful calls, if the metric that times calls has the label. */
  ok = 0;
  failed = 0;
  /** Failed calls, as the counter of errors counts them. */
  errors = 0;
  /** Seconds that the settled calls took together. */
  seconds = 0;

  constructor(readonly label: OwnLabel) {}

  add(kind: MetricKind, isOk: boolean, cell: Series['cell']): void {
    if (kind === 'counted') this.requests += (cell as CounterCell).read();
    else if (kind === 'errorsCounted') this.errors += (cell as CounterCell).read();
    else if (kind === 'timed') {
      const timed = cell as HistogramCell | SummaryCell;
      const calls = typeof timed.count === 'number' ? timed.count : timed.count();
      if (isOk) this.ok += calls;
      else this.failed += calls;
      this.seconds += timed.sum;
    }
  }

  /** Takes out what expired series had counted, before the comparison with a later reading, if that has the label. */
  without(expired: LabelledReading, now: LabelledReading | undefined): void {
    this.requests -= expired.requests;
    this.ok -= expired.ok;
    this.failed -= expired.failed;
    this.errors -= expired.errors;
    // A rounding error must not look like a reset.
    this.seconds = Math.min(this.seconds - expired.seconds, now?.seconds ?? 0);
  }

  merge(other: LabelledReading): void {
    this.requests += other.requests;
    this.ok += other.ok;
    this.failed += other.failed;
    this.errors += other.errors;
    this.seconds += other.seconds;
  }
}
