import { measureHandler } from '../../api/handler';
import { isDeclared, isHandler } from '../../declaration/handler-methods';
import { inventoryOf } from '../../runtime/inventory';
import { definePart, type Runtime } from '../../runtime/runtime';
import { thriftUseOf } from '../../runtime/thrift-use';
import { observeClient } from '../client/instrument-client';
import { generatedServiceName, processorMethods } from '../generated';
import { wrapOwnMethod } from '../method-replacement';
import { instrumentServer } from '../server/instrument-server';
import { instrumentService } from '../service/instrument-service';
import { instrumentProcessor } from '../service/processor';
import { measuredPartsOf } from './measured-parts';

// oxlint-disable-next-line typescript/no-explicit-any -- arguments and results that are only passed on
type Any = any;

/** Functions of the library that create a client for a connection. */
const CLIENT_FACTORIES = [
  'createClient',
  'createHttpClient',
  'createWSClient',
  'createXHRClient',
  'createStdIOClient',
] as const;

const instrumentedLibrariesOf = definePart('thrift.libraries', () => new WeakSet<object>());

/** Instruments every server and client that the program creates with this copy of `thrift` from now on. */
export function instrumentLibrary(runtime: Runtime, library: Record<string, Any>): void {
  const instrumented = instrumentedLibrariesOf(runtime);
  if (instrumented.has(library)) return;
  instrumented.add(library);
  inventoryOf(runtime).addLibrary(library);
  wrapOwnMethod(
    library,
    'createServer',
    (create) =>
      function createServer(this: Any, service: Any, handler: Any, ...rest: Any[]) {
        const observedService = guarded(runtime, service, () => instrumentService(service));
        const facade = measureServed(runtime, service, handler);
        return instrumentNewServer(runtime, create.call(this, observedService, facade, ...rest));
      },
  );
  wrapOwnMethod(
    library,
    'createMultiplexServer',
    (create) =>
      function createMultiplexServer(this: Any, processor: Any, ...rest: Any[]) {
        guarded(runtime, undefined, () => measureProcessor(runtime, processor));
        return instrumentNewServer(runtime, create.call(this, processor, ...rest));
      },
  );
  wrapOwnMethod(
    library,
    'createWebServer',
    (create) =>
      function createWebServer(this: Any, options: Any, ...rest: Any[]) {
        guarded(runtime, undefined, () => measureWebServices(runtime, options.services));
        return instrumentNewServer(runtime, create.call(this, options, ...rest));
      },
  );
  for (const factory of CLIENT_FACTORIES) {
    wrapOwnMethod(
      library,
      factory,
      (create) =>
        function createClient(this: Any, service: Any, connection: Any, ...rest: Any[]) {
          const client: object = create.call(this, service, connection, ...rest);
          return measureClient(runtime, client, connection);
        },
    );
  }
  wrapOwnMethod(
    Object(library['MultiplexedProcessor']?.prototype),
    'registerProcessor',
    (register) =>
      function registerProcessor(this: Any, name: Any, processor: Any, ...rest: Any[]) {
        guarded(runtime, undefined, () => measureProcessor(runtime, processor));
        return register.call(this, name, processor, ...rest);
      },
  );
  wrapOwnMethod(
    Object(library['Multiplexer']?.prototype),
    'createClient',
    (create) =>
      function createClient(this: Any, name: Any, service: Any, connection: Any, ...rest: Any[]) {
        const client: object = create.call(this, name, service, connection, ...rest);
        return measureClient(runtime, client, connection);
      },
  );
}

/** Measures the service's methods of a handler without decorators with all four metrics. Never throws. */
function measureServed(runtime: Runtime, service: Any, handler: Any): Any {
  return guarded(runtime, handler, () => {
    if (!isHandler(handler) || isDeclared(handler)) return handler;
    const { prototype } = (service.Processor ?? service) as { prototype: object };
    const named = generatedServiceName(prototype);
    const methods = new Set(processorMethods(prototype).keys());
    return measureHandler(runtime, handler, named === null ? {} : { service: named }, methods);
  });
}

/** Measures a processor that the program has created itself, and its handler. */
function measureProcessor(runtime: Runtime, processor: Any): void {
  if (!processor?._handler) return;
  processor._handler = measureServed(runtime, processor.constructor, processor._handler);
  instrumentProcessor(runtime, processor);
}

/** Measures the services of a web server. It has none if it only serves files. */
function measureWebServices(runtime: Runtime, services: Record<string, Any> = {}): void {
  for (const options of Object.values(services)) {
    const key = options.processor === undefined ? 'cls' : 'processor';
    const service = options[key];
    if (options.handler) {
      options.handler = measureServed(runtime, service, options.handler);
      options[key] = instrumentService(service);
    } else measureProcessor(runtime, service);
  }
}

function measureClient(runtime: Runtime, client: object, connection: Any): object {
  if (!measuredPartsOf(runtime).clients) return client;
  return guarded(runtime, client, () => observeClient(runtime, client, connection, {}));
}

function instrumentNewServer(runtime: Runtime, server: Any): Any {
  if (!measuredPartsOf(runtime).connections) return server;
  return guarded(runtime, server, () => instrumentServer(server));
}

/**
 * Returns the result of `measure`, and notes that the program uses Thrift. If it throws, returns `original`, and the program
 * continues unmeasured.
 */
function guarded<T>(runtime: Runtime, original: T, measure: () => T): T {
  thriftUseOf(runtime).note();
  try {
    return measure();
  } catch (error) {
    runtime.faults.report('auto', error);
    return original;
  }
}
