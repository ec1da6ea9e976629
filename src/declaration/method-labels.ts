import { CATALOGUE, LABEL } from '../metrics/catalogue';
import type { Labels } from '../metrics/labels';
import type { Call, LabelFunction } from '../recording/call';
import { CallLabels } from '../recording/call-labels';
import type { Runtime } from '../runtime/runtime';
import { createLabelFunction, labelSite } from './label-function';
import type { MetricSpec } from './metric-spec';

/** The labels of one metric of a method: constant ones, and functions of the call. */
export interface MetricLabels {
  readonly constant: Labels;
  /** Names of the labels that are functions. */
  readonly names: readonly string[];
  /** Null if every label is constant. */
  readonly ofCall: CallLabels | null;
}

/** The labels of one method. Metrics with the same label functions share them, so that each runs once per call. */
export class MethodLabels {
  private readonly functions: { user: unknown; name: string; safe: LabelFunction }[] = [];
  private readonly sets: CallLabels[] = [];

  constructor(
    private readonly runtime: Runtime,
    private readonly service: string,
    private readonly method: string,
    private readonly location: string,
  ) {}

  of(spec: MetricSpec): MetricLabels {
    const entries = Object.entries(spec.labelFunctions);
    return {
      constant: {
        [LABEL.service]: this.service,
        [LABEL.method]: this.method,
        ...spec.constantLabels,
      },
      names: entries.map(([name]) => name),
      ofCall:
        entries.length === 0
          ? null
          : this.set(entries.map(([name, label]) => this.safe(name, label))),
    };
  }

  private set(functions: readonly LabelFunction[]): CallLabels {
    let set = this.sets.find(
      (other) =>
        other.functions.length === functions.length &&
        other.functions.every((label, i) => label === functions[i]),
    );
    if (set === undefined) this.sets.push((set = new CallLabels(functions)));
    return set;
  }

  private safe(name: string, user: (call: Call) => unknown): LabelFunction {
    const known = this.functions.find((other) => other.user === user && other.name === name);
    if (known !== undefined) return known.safe;
    const { location, runtime } = this;
    runtime.families.series(CATALOGUE.internalErrors, { site: labelSite(location, name) });
    const safe = createLabelFunction(name, user, location, runtime.faults);
    this.functions.push({ user, name, safe });
    return safe;
  }
}
