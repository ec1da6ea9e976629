import type { Call, LabelFunction } from './observed-call';

/** The value of a label whose function failed, so that the call is counted all the same. */
export const UNKNOWN = '_unknown';

/** Where faults of metrics code are reported. Must not throw. */
export interface FaultSink {
  /** `site` is counted, and reported once. */
  report(site: string, error: unknown): void;
}

/**
 * Makes a user's label function safe, once, at definition: what it throws, or returns instead of a label value, is
 * reported under `site` and gives the value `_unknown`. Numbers, booleans and bigints become strings.
 */
export function safeLabelFunction(
  label: (call: Call) => unknown,
  site: string,
  faults: FaultSink,
  notALabelValue: (value: unknown) => Error,
): LabelFunction {
  return (call) => {
    try {
      const value = label(call);
      if (typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
        return String(value);
      }
      faults.report(site, notALabelValue(value));
    } catch (error) {
      faults.report(site, error);
    }
    return UNKNOWN;
  };
}
