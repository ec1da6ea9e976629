import { inventoryOf } from '../../runtime/inventory';
import type { Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';

/**
 * Implementations of Thrift other than the package `thrift`: Credit Karma's servers and clients, Uber's, and the one in
 * Evernote's SDK. Matches what a program requires, which is a name, a file of the package, or a path of any system.
 */
const OTHER_LIBRARY =
  /(?:^|[\\/]node_modules[\\/])(@creditkarma[\\/]thrift-(?:server|client)[\w-]*|thriftrw|evernote)(?:[\\/]|$)/;

/** Returns the name of the package, if a module belongs to another implementation of Thrift, or else null. */
export function otherLibraryIn(request: string): string | null {
  const name = OTHER_LIBRARY.exec(request)?.[1];
  return name === undefined ? null : name.replace('\\', '/');
}

/** Reports that the program has loaded another implementation of Thrift, once for each. */
export function reportOtherLibrary(runtime: Runtime, name: string): void {
  const { otherLibraries } = inventoryOf(runtime);
  if (otherLibraries.has(name)) return;
  otherLibraries.add(name);
  runtime.faults.warnOnce(
    `auto: ${name}`,
    new ThriftMetricsError(
      'TM_ERR_OTHER_THRIFT',
      `The program uses ${name}, which has an implementation of Thrift of its own. thrift-metrics/auto measures only servers and clients of the package thrift. ` +
        'Decorate the handlers, or pass them to instrumentHandler. Clients cannot be measured.',
    ),
  );
}
