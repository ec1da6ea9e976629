import type { MetricKind } from '../../metrics/catalogue';
import { LabelledReading } from './own-labels';
import { CounterHistory, GaugeHistory, increaseOf } from './sampled-values';

/** Maximum number of label values per method that are recorded separately. */
export const MAX_LABEL_VALUES = 20;

const NOTHING: Readonly<LabelledReading> = new LabelledReading({ key: '', name: '', value: '' });

/** The calls of one method with one value of a label, at each sample. */
export class LabelledHistory {
  readonly requests: CounterHistory;
  readonly ok: CounterHistory;
  readonly failed: CounterHistory;
  readonly errors: CounterHistory;
  /** Sum of the durations. */
  readonly seconds: GaugeHistory;
  private total = 0;

  constructor(capacity: number) {
    const counter = (): CounterHistory => new CounterHistory(capacity);
    [this.requests, this.ok, this.failed, this.errors] = [
      counter(),
      counter(),
      counter(),
      counter(),
    ];
    this.seconds = new GaugeHistory(capacity);
  }

  record(now: LabelledReading, before: LabelledReading, slot: number): void {
    for (const name of ['requests', 'ok', 'failed', 'errors'] as const) {
      this[name].add(increaseOf(now[name], before[name]), slot);
    }
    this.total += increaseOf(now.seconds, before.seconds);
    this.seconds.set(this.total, slot);
  }
}

/** The calls of one method by the labels of the program, at each sample. */
export class LabelHistories {
  /** The labels, with the kinds of metrics that have them. */
  names: ReadonlyMap<string, ReadonlySet<MetricKind>> = new Map();
  readonly values = new Map<string, { name: string; value: string; history: LabelledHistory }>();
  /** The values of each label beyond {@link MAX_LABEL_VALUES}. */
  readonly others = new Map<string, LabelledHistory>();

  constructor(private readonly capacity: number) {}

  record(
    labels: ReadonlyMap<string, ReadonlySet<MetricKind>>,
    now: ReadonlyMap<string, LabelledReading>,
    before: ReadonlyMap<string, LabelledReading>,
    slot: number,
  ): void {
    this.names = labels;
    const others = new Map<string, [LabelledReading, LabelledReading]>();
    for (const [key, reading] of now) {
      const { name, value } = reading.label;
      const earlier = before.get(key) ?? NOTHING;
      let found = this.values.get(key);
      if (found === undefined && this.values.size < MAX_LABEL_VALUES) {
        found = { name, value, history: new LabelledHistory(this.capacity) };
        this.values.set(key, found);
      }
      if (found !== undefined) found.history.record(reading, earlier, slot);
      else {
        const sums = others.get(name) ?? [
          new LabelledReading(reading.label),
          new LabelledReading(reading.label),
        ];
        others.set(name, sums);
        sums[0].merge(reading);
        sums[1].merge(earlier);
      }
    }
    // What is no longer read keeps its totals.
    for (const [key, { history }] of this.values)
      if (!now.has(key)) history.record(NOTHING, NOTHING, slot);
    for (const name of others.keys()) {
      if (!this.others.has(name)) this.others.set(name, new LabelledHistory(this.capacity));
    }
    for (const [name, history] of this.others) {
      const [sum, earlier] = others.get(name) ?? [NOTHING, NOTHING];
      history.record(sum, earlier, slot);
    }
  }
}
