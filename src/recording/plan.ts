import type { CallDetails, FailedCheck } from './call';
import type { CallChannel } from './call-channel';
import type { CallFailure } from './call-message';
import type { CallLabels } from './call-labels';
import type { Counter, Gauge, Observer } from './cells';
import type { CallsInProgress } from './in-flight';
import type { LoopTime } from './loop-time';
import type { CallKeeper } from './kept-calls';
import type { Settlements } from './promise';

/**
 * Counts failed calls by the type and kind of their failure. Never throws. `duration` has observed the duration of the call,
 * `seconds`, and is null if nothing did.
 */
export interface ErrorRecorder {
  /** The type and kind of a failure. */
  describe(error: unknown): CallFailure;
  /** Counts a call that threw, rejected, or passed an error to its callback. Returns the type and kind of its failure. */
  record(
    call: CallDetails | null,
    error: unknown,
    duration: Observer | null,
    seconds: number,
  ): CallFailure;
  /** Counts a call that returned but counts as failed. */
  recordResult(
    call: CallDetails | null,
    type: string,
    duration: Observer | null,
    seconds: number,
  ): void;
}

/** Whether calls are recorded, and where they are published. */
export interface Gate {
  /** The switch that `configureMetrics({ enabled })` turns. While it is off, nothing is published either. */
  enabled: boolean;
  /** The tracing channel of handlers. */
  readonly calls: CallChannel;
}

/**
 * What the wrapper of one method does. It is decided when the method is bound, so that a call looks nothing up. The cells of
 * metrics that were not declared absorb what is written to them.
 */
export interface Plan {
  readonly gate: Gate;
  readonly settlements: Settlements;
  readonly method: string;
  service: string;
  /** False until the series exist. Until then, calls run `prepare`, which creates them. */
  ready: boolean;
  /** Ready, and nothing that is recorded depends on the call. */
  isPlain: boolean;
  prepare: (self: unknown) => boolean;
  timed: boolean;
  requests: Counter;
  inFlight: Gauge;
  succeeded: Observer;
  failed: Observer;
  errors: ErrorRecorder | null;
  /** The calls in progress, or null if no metric shows how long they have been running. */
  active: CallsInProgress | null;
  /** Records how long calls hold the event loop, or null if no metric shows it. Never set unless `timed` is. */
  loop: LoopTime | null;
  /** The slow and failed calls that are kept. Null until the method is bound. */
  kept: CallKeeper | null;
  /** Whether a label or the option `failed` depends on the call. The fields below say which, or are null. */
  needsCall: boolean;
  labelsOfRequests: CallLabels | null;
  labelsOfInFlight: CallLabels | null;
  labelsOfTimed: CallLabels | null;
  failedOfTimed: FailedCheck | null;
  failedOfErrors: FailedCheck | null;
}

// Module state: nothing reads these cells, so two copies of the package cannot disagree about them.
const ABSORBING_COUNTER: Counter = { value: 0 };
// Module state: nothing reads these cells, so two copies of the package cannot disagree about them.
const ABSORBING_GAUGE: Gauge = { value: 0, generation: 0 };
const ABSORBING_OBSERVER: Readonly<Observer> = {
  observe: () => {},
  observeErrorType: () => {},
};

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
    loop: null,
    kept: null,
    needsCall: false,
    labelsOfRequests: null,
    labelsOfInFlight: null,
    labelsOfTimed: null,
    failedOfTimed: null,
    failedOfErrors: null,
  };
}
