import { PACKAGE_FOLDER } from '../package-folder';
import { ThriftMetricsError } from '../validation/errors';
import { isMetricsRegistry, type MetricsRegistry } from './metrics-registry';
import { moduleCache } from './module-cache';
import { withSlashes } from './package-paths';

/** The part of prom-client or `@prometheus-io/client` that this package uses. */
export interface ClientLibrary {
  register: MetricsRegistry;
  Registry: new () => MetricsRegistry;
  collectDefaultMetrics(options: { register: MetricsRegistry }): void;
  AggregatorRegistry: { aggregate(snapshots: readonly (readonly unknown[])[]): MetricsRegistry };
}

/** The packages that can be the client library, in the order in which they are tried. */
const PACKAGES = ['prom-client', '@prometheus-io/client'] as const;

/** A client library that something in the process has loaded. */
export interface LoadedLibrary {
  readonly name: string;
  readonly file: string;
  readonly library: ClientLibrary;
}

/** Loads the client library through the copies of this package. */
export class ClientLibraries {
  private loaded: {
    readonly folder: string;
    readonly load: () => ClientLibrary;
    readonly library: ClientLibrary;
    /** Whether nothing had loaded the library before this package did. */
    readonly isOwnChoice: boolean;
  } | null = null;
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
        const before = loadedLibraries();
        const library = this.known.get(load) ?? load();
        this.known.set(load, library);
        const isOwnChoice = !before.some((other) => other.library === library);
        this.loaded = { folder, load, library, isOwnChoice };
        return library;
      } catch (error) {
        fault ??= error;
      }
    }
    if (loaded !== null) return loaded.library;
    throw fault;
  }

  /**
   * Chooses again if the program has loaded a client library only after this package had to load one, and nothing else
   * uses that one.
   *
   * @returns an error for `onError` if several client libraries are loaded
   */
  chooseAgain(): ThriftMetricsError | null {
    if (this.loaded === null) return null;
    const found = loadedLibraries();
    const isCurrent = ({ library }: LoadedLibrary): boolean => library === this.loaded?.library;
    const current = found.find(isCurrent);
    const other = found.find((each) => each !== current);
    if (current === undefined || other === undefined) return null;
    if (this.loaded.isOwnChoice && !isRequiredByOthers(current)) {
      const { folder, load } = this.loaded;
      this.known.set(load, other.library);
      this.loaded = { folder, load, library: other.library, isOwnChoice: false };
    }
    return severalLibraries(found, found.find(isCurrent) ?? current);
  }

  /** The copy that has loaded the library before comes first. */
  private *inOrder(): Generator<[string, () => ClientLibrary]> {
    const { copies, loaded } = this;
    const again = loaded === null ? undefined : copies.get(loaded.folder);
    if (loaded !== null && again !== undefined) yield [loaded.folder, again];
    for (const [folder, load] of copies) if (load !== again) yield [folder, load];
  }
}

/**
 * Loads the client library for this copy of the package: the one that the program has loaded itself, or else one that is
 * installed.
 */
export function loadLibrary(): ClientLibrary {
  const loaded = loadedLibraries();
  const isLoaded = (path: string | null): boolean => loaded.some(({ file }) => file === path);
  const candidates = [promClient, successor];
  // Required and not taken from the cache, because a test runner can isolate modules.
  const known = candidates.find(({ locate }) => isLoaded(locate()));
  if (known === undefined && loaded[0] !== undefined) {
    // A copy of the program that is out of reach of this package.
    return loaded[0].library;
  }
  let cause: unknown;
  for (const { load } of known === undefined ? candidates : [known]) {
    const { library, fault } = load();
    if (library !== null) return library;
    cause ??= fault;
  }
  throw new ThriftMetricsError(
    'TM_ERR_CLIENT_LIBRARY',
    'Neither prom-client nor @prometheus-io/client can be loaded. Install one of them.',
    { cause },
  );
}

interface Candidate {
  /** Returns null if the package is not installed. */
  readonly locate: () => string | null;
  readonly load: () => { readonly library: ClientLibrary | null; readonly fault: unknown };
}

// Each name is a literal within a `try`: only there do bundlers find a package and accept that it is missing.

const promClient: Candidate = {
  locate() {
    try {
      return require.resolve('prom-client');
    } catch {
      return null;
    }
  },
  load() {
    try {
      return { library: require('prom-client') as ClientLibrary, fault: null };
    } catch (fault) {
      return { library: null, fault };
    }
  },
};

const successor: Candidate = {
  locate() {
    try {
      return require.resolve('@prometheus-io/client');
    } catch {
      return null;
    }
  },
  load() {
    try {
      return { library: require('@prometheus-io/client') as ClientLibrary, fault: null };
    } catch (fault) {
      return { library: null, fault };
    }
  },
};

/** Finds every loaded client library, including several copies of one, in the order in which they were loaded. */
export function loadedLibraries(): LoadedLibrary[] {
  const found: LoadedLibrary[] = [];
  for (const [file, loaded] of Object.entries(moduleCache())) {
    if (!file.endsWith('index.js')) continue;
    const path = withSlashes(file);
    const name = PACKAGES.find((each) => path.endsWith(`/node_modules/${each}/index.js`));
    const library: unknown = loaded?.exports;
    if (name !== undefined && isClientLibrary(library)) found.push({ name, file, library });
  }
  return found;
}

function isClientLibrary(value: unknown): value is ClientLibrary {
  return isMetricsRegistry((value as { register?: unknown } | null | undefined)?.register);
}

/** Whether a module outside this package and outside the library requires the library. */
function isRequiredByOthers({ file }: LoadedLibrary): boolean {
  return Object.values(moduleCache()).some(
    (loaded) =>
      loaded !== undefined &&
      !loaded.filename?.startsWith(PACKAGE_FOLDER ?? file) &&
      loaded.children?.some((child) => child?.filename === file),
  );
}

function severalLibraries(
  found: readonly LoadedLibrary[],
  { name, file }: LoadedLibrary,
): ThriftMetricsError {
  const all = found.map((each) => `${each.name} (${each.file})`).join(' and ');
  return new ThriftMetricsError(
    'TM_ERR_CLIENT_LIBRARIES',
    `Several client libraries are loaded: ${all}. The metrics of thrift-metrics are in the registry of ${name} (${file}), and an endpoint that serves another registry lacks them. ` +
      'Pass the registry that is served, as in configureMetrics({ registry: register }), or install one client library.',
  );
}
