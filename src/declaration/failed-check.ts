import type { Call, FailedCheck } from '../recording/call';
import { guardFailedFunction, type FaultSink } from '../recording/guards';
import { show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';

/** Creates the check of an option `failed`. `location` names the method or client in reports. */
export function createFailedCheck(
  failed: (call: Call) => unknown,
  location: string,
  faults: FaultSink,
): FailedCheck {
  return guardFailedFunction(
    failed,
    `failed:${location}`,
    faults,
    (value) =>
      new ThriftMetricsError(
        'TM_ERR_FAILED_FUNCTION',
        `${location}: the function 'failed' returned ${show(value)}. It must return true, false, or the type of the failure as a string.`,
      ),
  );
}
