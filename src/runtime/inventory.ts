import { definePart } from './runtime';
import { moduleCache } from './module-cache';
import { packageFolder } from './package-paths';
import { type LoadedPackage, versionIn } from './versions';

/** A server that is instrumented, as a status describes it. */
export interface InstrumentedServer {
  /** The transport that the server accepts now: `tcp`, `http` and so on. */
  transport(): string;
  /** Where it listens: a port with its address, a path, or null while it does not listen. */
  address(): string | null;
}

/**
 * What this package has instrumented that leaves no trace in the declarations or in the series, and what it found but cannot
 * measure. Only a status reads it. Servers are free to leave memory.
 */
class Inventory {
  /** Whether `thrift-metrics/auto` is loaded. */
  isAutomatic = false;
  /** The copies of `thrift` whose functions `thrift-metrics/auto` has wrapped. */
  readonly libraries: LoadedPackage[] = [];
  /** Other implementations of Thrift that the program has loaded, by the names of their packages. */
  readonly otherLibraries = new Set<string>();
  /** Number of handlers that were put behind a facade so far, by service. */
  readonly facades = new Map<string, number>();
  private servers: WeakRef<InstrumentedServer>[] = [];

  /** Adds a copy of `thrift`. Its folder is known if it is in the cache of modules. */
  addLibrary(library: object): void {
    this.libraries.push(
      describeModule(library, 'thrift') ?? { version: '', folder: 'an unknown folder' },
    );
  }

  addServer(server: InstrumentedServer): void {
    this.servers = this.servers.filter((each) => each.deref() !== undefined);
    this.servers.push(new WeakRef(server));
  }

  addFacade(service: string): void {
    this.facades.set(service, (this.facades.get(service) ?? 0) + 1);
  }

  /** The servers that still exist. */
  currentServers(): InstrumentedServer[] {
    return this.servers.flatMap((each) => each.deref() ?? []);
  }
}

export const inventoryOf = definePart('inventory', () => new Inventory());

/** Finds the package of a loaded module by its exports. */
function describeModule(exported: object, name: string): LoadedPackage | null {
  for (const [file, module] of Object.entries(moduleCache())) {
    if (module?.exports !== exported) continue;
    const folder = packageFolder(file, name);
    return folder === null ? null : { version: versionIn(folder), folder };
  }
  return null;
}
