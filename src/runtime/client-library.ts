import { ThriftMetricsError } from '../validation/errors';
import type { MetricsRegistry } from './metrics-registry';

/** The part of prom-client or `@prometheus-io/client` that this package uses. */
export interface ClientLibrary {
  register: MetricsRegistry;
  Registry: new () => MetricsRegistry;
  collectDefaultMetrics(options: { register: MetricsRegistry }): void;
  AggregatorRegistry: { aggregate(snapshots: readonly (readonly unknown[])[]): MetricsRegistry };
}

/** Loads the client library through the copies of this package. */
export class ClientLibraries {
  private loaded: { folder: string; load: () => ClientLibrary; library: ClientLibrary } | null =
    null;
  private readonly known = new WeakMap<() => ClientLibrary, ClientLibrary>();

  constructor(private readonly copies: ReadonlyMap<string, () => ClientLibrary>) {}

  /**
   * Loads the client library when it is first needed. Each copy of this package tries, because a global copy may be
   * installed without a client library. If a test runner has evaluated that copy again, its new client library is the
   * current one.
   */
  current(): ClientLibrary {
    const { copies, loaded } = this;
    if (loaded !== null && copies.get(loaded.folder) === loaded.load) return loaded.library;
    let fault: unknown;
    for (const [folder, load] of this.inOrder()) {
      try {
        const library = this.known.get(load) ?? load();
        this.known.set(load, library);
        this.loaded = { folder, load, library };
        return library;
      } catch (error) {
        fault ??= error;
      }
    }
    if (loaded !== null) return loaded.library;
    throw fault;
  }

  /** The copy that has loaded the library before comes first. */
  private *inOrder(): Generator<[string, () => ClientLibrary]> {
    const { copies, loaded } = this;
    const again = loaded === null ? undefined : copies.get(loaded.folder);
    if (loaded !== null && again !== undefined) yield [loaded.folder, again];
    for (const [folder, load] of copies) if (load !== again) yield [folder, load];
  }
}

/** Loads the client library that is installed for this copy of the package. */
export function loadLibrary(): ClientLibrary {
  try {
    return require('prom-client') as ClientLibrary;
  } catch (error) {
    try {
      return require('@prometheus-io/client') as ClientLibrary;
    } catch {
      throw new ThriftMetricsError(
        'TM_ERR_CLIENT_LIBRARY',
        'Neither prom-client nor @prometheus-io/client can be loaded. Install one of them.',
        { cause: error },
      );
    }
  }
}
