import type { Call, LabelFunction } from '../recording/call';
import { guardLabelFunction, UNKNOWN, type FaultSink } from '../recording/guards';
import { show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';

/** The site under which faults of a label function are counted. `location` names the method or client. */
export function labelSite(location: string, name: string): string {
  return `label:${location}:${name}`;
}

/** Creates the function of a label. `location` names the method or client in reports. */
export function createLabelFunction(
  name: string,
  label: (call: Call) => unknown,
  location: string,
  faults: FaultSink,
): LabelFunction {
  return guardLabelFunction(
    label,
    labelSite(location, name),
    faults,
    (value) =>
      new ThriftMetricsError(
        'TM_ERR_LABEL_FUNCTION',
        `${location}: the function of label '${name}' returned ${show(value)}. The label has the value '${UNKNOWN}' for this call. Return a string.`,
      ),
  );
}
