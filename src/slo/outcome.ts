import { DECLARED, type MetricKind } from '../metrics/catalogue';

/** Which metrics of a method count its calls and its failures. Pages, rules and dashboards all ask here. */
export interface OutcomeSources {
  /** `counted` counts calls that arrive, `timed` calls that settle. Null if no metric counts calls. */
  readonly calls: 'counted' | 'timed' | null;
  /** `errorsCounted` counts failures by kind, `timed` without their kind. Null if no metric counts failures. */
  readonly failures: 'errorsCounted' | 'timed' | null;
}

export function outcomeSources(kinds: ReadonlySet<MetricKind>): OutcomeSources {
  const timed = kinds.has('timed') ? 'timed' : null;
  return {
    calls: kinds.has('counted') ? 'counted' : timed,
    failures: kinds.has('errorsCounted') ? 'errorsCounted' : timed,
  };
}

/**
 * Whether a failed call is also a bad one, which counts against an objective. Every failure is, except a declared exception:
 * it is a regular reply of the service unless the objective says otherwise.
 */
export function isBad(kind: string, declaredExceptionsAreErrors: boolean): boolean {
  return declaredExceptionsAreErrors || kind !== DECLARED;
}

/** Whether the failures tell bad calls from other failed calls. */
export function showsBadCalls(
  { failures }: OutcomeSources,
  declaredExceptionsAreErrors: boolean,
): boolean {
  return failures === 'errorsCounted' || (failures === 'timed' && declaredExceptionsAreErrors);
}
