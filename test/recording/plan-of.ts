import { CallLabels } from '../../src/recording/call-labels';
import type { CellSource, Counter, Gauge, Observer } from '../../src/recording/cells';
import { CallsInProgress } from '../../src/recording/in-flight';
import { CallChannel } from '../../src/recording/call-channel';
import { createPlan, type Gate, type Plan } from '../../src/recording/plan';
import { Settlements } from '../../src/recording/promise';

/** Keeps every duration that is observed. */
class Durations implements Observer {
  readonly seconds: number[] = [];

  observe(seconds: number): void {
    this.seconds.push(seconds);
  }

  observeErrorType(): void {}
}

/** A plan of the method `Calculator.add` that writes to the plain objects beside it. */
export interface TestPlan {
  readonly plan: Plan;
  readonly gate: Gate;
  readonly requests: Counter;
  readonly inFlight: Gauge;
  readonly succeeded: Durations;
  readonly failed: Durations;
  /** The errors of failed calls. */
  readonly errors: unknown[];
  readonly active: CallsInProgress;
}

/** Creates a plan with all four metrics, none of whose labels depends on the call. */
export function planOf(changes: Partial<Plan> = {}): TestPlan {
  const calls = new CallChannel('server', { report: () => {} });
  const gate: Gate = { enabled: true, calls };
  const requests = { value: 0 };
  const inFlight = { value: 0, generation: 0 };
  const succeeded = new Durations();
  const failed = new Durations();
  const errors: unknown[] = [];
  const active = new CallsInProgress();
  const plan = Object.assign(createPlan(gate, 'add', new Settlements()), {
    service: 'Calculator',
    ready: true,
    isPlain: true,
    timed: true,
    requests,
    inFlight,
    succeeded,
    failed,
    errors: {
      describe: () => ({ kind: 'undeclared' as const, type: 'Error' }),
      record: (_call: unknown, error: unknown) => {
        errors.push(error);
        return { kind: 'undeclared' as const, type: 'Error' };
      },
      recordResult: (_call: unknown, type: string) => void errors.push(type),
    },
    active,
    ...changes,
  });
  return { plan, gate, requests, inFlight, succeeded, failed, errors, active };
}

/** The number of calls per outcome. */
export function countsOf({ requests, inFlight, succeeded, failed, errors }: TestPlan) {
  return {
    requests: requests.value,
    active: inFlight.value,
    succeeded: succeeded.seconds.length,
    failed: failed.seconds.length,
    errors: errors.length,
  };
}

export const NONE = { requests: 0, active: 0, succeeded: 0, failed: 0, errors: 0 };
export const ACTIVE = { ...NONE, requests: 1, active: 1 };
export const SUCCEEDED = { ...NONE, requests: 1, succeeded: 1 };
export const FAILED = { ...NONE, requests: 1, failed: 1, errors: 1 };

/** A source of cells that keeps one for each combination of values, and how often it was asked. */
export class Cells<C> {
  readonly byValues = new Map<string, C>();
  asked = 0;

  constructor(
    private readonly create: () => C,
    private readonly kept = true,
  ) {}

  readonly source: CellSource<C> = (values) => {
    this.asked++;
    const key = values.join(' ');
    const cell = this.byValues.get(key) ?? this.create();
    this.byValues.set(key, cell);
    return { cell, kept: this.kept };
  };
}

/** The changes to a plan all of whose metrics have labels that depend on the call. */
export function labelledBy(...functions: CallLabels['functions']) {
  const labels = new CallLabels(functions);
  const requests = new Cells(() => ({ value: 0 }));
  const inFlight = new Cells(() => ({ value: 0, generation: 0 }));
  const succeeded = new Cells(() => new Durations());
  const failed = new Cells(() => new Durations());
  Object.assign(labels, {
    requests: requests.source,
    inFlight: inFlight.source,
    succeeded: succeeded.source,
    failed: failed.source,
  });
  const changes = {
    isPlain: false,
    needsCall: true,
    labelsOfRequests: labels,
    labelsOfInFlight: labels,
    labelsOfTimed: labels,
  };
  return { labels, changes, requests, inFlight, succeeded, failed };
}
