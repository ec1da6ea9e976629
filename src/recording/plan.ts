import type { CallsInProgress } from './in-flight';
import type { CallLabels } from './call-labels';
import type { Counter, Gauge, Observer } from './cells';
import type { CallDetails } from './call';
import type { Settlements } from './promise';

/** Counts a failed call under the type and kind of its error. Must not throw. */
export interface ErrorRecorder {
  record(call: CallDetails | null, error: unknown): void;
}

/** The switch that `configureMetrics({ enabled })` turns, shared by all plans. */
export interface Gate {
  enabled: boolean;
}

/** What the wrapper of one method does, decided when the method is declared. Cells of unwanted metrics absorb writes. */
export interface Plan {
  readonly gate: Gate;
  readonly settlements: Settlements;
  readonly method: string;
  service: string;
  /** False until the series exist; then `prepare` is asked to make them. */
  ready: boolean;
  /** Ready, and no label is a function of the call. */
  isPlain: boolean;
  prepare: (self: unknown) => boolean;
  timed: boolean;
  requests: Counter;
  inFlight: Gauge;
  succeeded: Observer;
  failed: Observer;
  errors: ErrorRecorder | null;
  /** Where calls that wait for their end are listed; null where nobody asks how long they have been waiting. */
  active: CallsInProgress | null;
  /** Whether any label is a function of the call. Then these say which, for metrics that have such; else null. */
  hasCallLabels: boolean;
  labelsOfRequests: CallLabels | null;
  labelsOfInFlight: CallLabels | null;
  labelsOfTimed: CallLabels | null;
}

const ABSORBING_COUNTER: Counter = { value: 0 };
const ABSORBING_GAUGE: Gauge = { value: 0, generation: 0 };
const ABSORBING_OBSERVER: Observer = { observe: () => {}, observeSince: () => {} };

/** A plan that records nothing yet. */
export function createPlan(gate: Gate, method: string, settlements: Settlements): Plan {
  return {
    gate,
    settlements,
    method,
    service: '',
    ready: false,
    isPlain: false,
    prepare: () => false,
    timed: false,
    requests: ABSORBING_COUNTER,
    inFlight: ABSORBING_GAUGE,
    succeeded: ABSORBING_OBSERVER,
    failed: ABSORBING_OBSERVER,
    errors: null,
    active: null,
    hasCallLabels: false,
    labelsOfRequests: null,
    labelsOfInFlight: null,
    labelsOfTimed: null,
  };
}
