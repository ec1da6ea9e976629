import type { Runtime } from '../../runtime/runtime';
import { loadedThrifts } from '../../runtime/versions';
import { ThriftMetricsError } from '../../validation/errors';

/** Reports a module with the name `thrift` that does not have what this package wraps. */
export function reportUnknownLibrary(runtime: Runtime): void {
  const copies = loadedThrifts().map(({ version, folder }) => `${version} in ${folder}`);
  runtime.faults.warnOnce(
    'auto: thrift version',
    new ThriftMetricsError(
      'TM_ERR_THRIFT_VERSION',
      `The program has loaded a module thrift (${copies.join(', ') || 'of unknown version'}) without the functions and classes of Apache Thrift 0.9.3 or later, so thrift-metrics/auto does not measure its servers and clients. ` +
        'Install a supported version of thrift, or pass the handlers to instrumentHandler.',
    ),
  );
}
