import { ThriftMetricsError } from '../errors';
import type { MetricsRegistry } from './metrics-registry';

/** The part of prom-client, or of its successor, that this package calls. */
export interface ClientLibrary {
  register: MetricsRegistry;
  Registry: new () => MetricsRegistry;
  collectDefaultMetrics(options: { register: MetricsRegistry }): void;
  AggregatorRegistry: { aggregate(snapshots: readonly (readonly unknown[])[]): MetricsRegistry };
}

let library: ClientLibrary | undefined;

/** The installed client library: prom-client, else @prometheus-io/client. Loaded when first needed. */
export function clientLibrary(): ClientLibrary {
  library ??= load();
  return library;
}

function load(): ClientLibrary {
  try {
    return require('prom-client') as ClientLibrary;
  } catch (error) {
    try {
      return require('@prometheus-io/client') as ClientLibrary;
    } catch {
      throw new ThriftMetricsError(
        'TM_ERR_CLIENT_LIBRARY',
        'neither prom-client nor @prometheus-io/client can be loaded; install one of them',
        { cause: error },
      );
    }
  }
}
