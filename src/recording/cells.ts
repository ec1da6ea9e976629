import type { ExemplarSource } from '../metrics/exemplar';
import type { SampledErrors } from './error-sampler';

// What a recording needs of the cells it writes to. The cells themselves are in `metrics/`.

export interface Counter {
  value: number;
}

/** Counts the failed calls of the caller of a call. */
export interface CallerFailures {
  /** Never throws. */
  count(): void;
}

export interface Gauge {
  value: number;
  /** Changes with each reset. A call that began before a reset does not subtract itself after it. */
  generation: number;
}

export interface Observer {
  observe(seconds: number): void;
  /** Adds an observation of a failed call to those of its error type. */
  observeErrorType(type: string, seconds: number): void;
}

/** Whether durations of failed calls are also recorded by the type of their error. */
export interface ErrorTypeSwitch {
  recorded: boolean;
}

export interface ErrorCounter extends SampledErrors {
  countWithExemplar(exemplars: ExemplarSource): void;
}

/**
 * Finds or creates the cell of a label combination. `kept` says whether the caller may keep the cell for these values: not for
 * the shared cell past the series limit.
 */
export type CellSource<C> = (values: readonly string[]) => { cell: C; kept: boolean };
