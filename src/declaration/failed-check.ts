import { CATALOGUE } from '../metrics/catalogue';
import type { Call, FailedCheck } from '../recording/call';
import { guardFailedFunction } from '../recording/guards';
import type { Runtime } from '../runtime/runtime';
import { show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';

/** Creates the check of an option `failed`. `location` names the method or client in reports. The count of its faults starts at 0. */
export function createFailedCheck(
  failed: (call: Call) => unknown,
  location: string,
  { families, faults }: Runtime,
): FailedCheck {
  const site = `failed:${location}`;
  families.series(CATALOGUE.internalErrors, { site });
  return guardFailedFunction(
    failed,
    site,
    faults,
    (value) =>
      new ThriftMetricsError(
        'TM_ERR_FAILED_FUNCTION',
        `${location}: the function 'failed' returned ${show(value)}. The call does not count as failed. Return true, false, or the type of the failure as a string.`,
      ),
  );
}
