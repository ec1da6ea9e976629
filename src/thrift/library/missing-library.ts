import { declarationsOf } from '../../declaration/declarations';
import { startTimeout } from '../../metrics/clock';
import { inventoryOf } from '../../runtime/inventory';
import type { Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';

/** Milliseconds after which a program that needs `thrift` has loaded it. */
const GRACE_PERIOD = 30_000;

/**
 * Reports after the grace period that the program has not loaded `thrift`, so that a service that cannot be measured does
 * not pass as one without calls. Programs that serve nothing, such as `npm` and scripts, do not need it. Does not keep the
 * program alive.
 *
 * @param isServer whether the program serves anything
 */
export function reportMissingLibrary(
  runtime: Runtime,
  isServer: () => boolean,
  gracePeriod = GRACE_PERIOD,
): void {
  const check = (): void => {
    const { libraries, otherLibraries } = inventoryOf(runtime);
    const isMeasured = libraries.length > 0 || declarationsOf(runtime).methods.size > 0;
    if (isMeasured || otherLibraries.size > 0 || !isServer()) return;
    runtime.faults.warnOnce(
      'auto: thrift',
      new ThriftMetricsError(
        'TM_ERR_NO_THRIFT',
        `The program has not loaded the package thrift within ${gracePeriod / 1000} s, so thrift-metrics/auto measures nothing. ` +
          'If it is a Thrift service whose bundle contains thrift, leave thrift out of the bundle ("external"). If it is not, start it without thrift-metrics/auto.',
      ),
    );
  };
  startTimeout(check, gracePeriod).unref();
}
