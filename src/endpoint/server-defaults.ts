import { definePart, type Runtime } from '../runtime/runtime';
import type { MetricsServerOptions } from './server-options';

/** Options of metrics servers that were set outside the program. The options of the program itself take precedence. */
export interface ServerDefaults {
  options: MetricsServerOptions;
  /**
   * Access options that were set, but wrongly. A server that needs one of them answers no request, because it must not be
   * open to more readers than someone wanted.
   */
  unusable: ReadonlySet<'auth' | 'tls'>;
  /** The options that the program itself passed to the metrics server that started last. Null before the first. */
  ofProgram: MetricsServerOptions | null;
}

export const serverDefaultsOf = definePart('endpoint.defaults', (): ServerDefaults => ({
  options: {},
  unusable: new Set(),
  ofProgram: null,
}));

/** Adds the options that the program leaves open, for a metrics server that starts now. */
export function withServerDefaults(
  runtime: Runtime,
  ofProgram: MetricsServerOptions,
): MetricsServerOptions {
  const defaults = serverDefaultsOf(runtime);
  const named = Object.fromEntries(
    Object.entries(ofProgram).filter(([, value]) => value !== undefined),
  ) as MetricsServerOptions;
  defaults.ofProgram = named;
  const isRefused = [...defaults.unusable].some((name) => named[name] === undefined);
  return { ...defaults.options, ...named, ...(isRefused && { auth: () => false }) };
}
