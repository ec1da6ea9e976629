import type { Call, CallDetails, FailedCheck, LabelFunction } from './call';
import { boundLabelValue } from './label-value';
import { ignoreRejection } from './promise';

// Functions of the user run during a call through the guards below. A guard never throws, and returns a value of the right
// type.

/** The value of a label whose function failed, so that the call is still counted. */
export const UNKNOWN = '_unknown';

/** The kind of a call that returned but counts as failed, and its type if `failed` names none. */
export const RESULT = 'result';

/** Receives the faults of metrics code. */
export interface FaultSink {
  /** Counts a fault, and reports the first fault of each site. Never throws. */
  report(site: string, error: unknown): void;
}

/**
 * Guards a label function. An exception, or a value that cannot be a label value, is reported under `site`, and the label
 * gets the value `_unknown`. Numbers, booleans and bigints become strings. Long values are shortened.
 */
export function guardLabelFunction(
  label: (call: Call) => unknown,
  site: string,
  faults: FaultSink,
  describeWrongValue: (value: unknown) => Error,
): LabelFunction {
  return (call) => {
    try {
      const value = label(call);
      if (typeof value === 'string') return boundLabelValue(value);
      if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
        return boundLabelValue(String(value));
      }
      reportWrongValue(value, site, faults, describeWrongValue);
    } catch (error) {
      faults.report(site, error);
    }
    return UNKNOWN;
  };
}

/**
 * Guards an option `failed`. An exception, or a value that says neither yes nor no, is reported under `site`, and the call
 * does not count as failed.
 */
export function guardFailedFunction(
  failed: (call: Call) => unknown,
  site: string,
  faults: FaultSink,
  describeWrongValue: (value: unknown) => Error,
): FailedCheck {
  return (call: CallDetails) => {
    try {
      const value = failed(call);
      if (typeof value === 'string') return value === '' ? null : boundLabelValue(value);
      if (value === true) return RESULT;
      if (value === false || value === undefined || value === null) return null;
      reportWrongValue(value, site, faults, describeWrongValue);
    } catch (error) {
      faults.report(site, error);
    }
    return null;
  };
}

function reportWrongValue(
  value: unknown,
  site: string,
  faults: FaultSink,
  describeWrongValue: (value: unknown) => Error,
): void {
  ignoreRejection(value);
  faults.report(site, describeWrongValue(value));
}
