import { instrumentMethods, isMeasured } from '../../api/handler';
import { definePart, type Runtime } from '../../runtime/runtime';
import { isObject } from '../../validation/checks';
import { copySignature } from '../signature';
import { generatedServiceName, processorMethods } from '../generated';
import { observeClient } from '../client/instrument-client';
import { instrumentServer } from '../server/instrument-server';
import { instrumentService } from '../service/instrument-service';
import { instrumentProcessor } from '../service/processor';

// oxlint-disable-next-line typescript/no-explicit-any -- functions of a library that this package only passes on to
type Any = any;
type AnyFunction = (this: Any, ...args: Any[]) => Any;

/** Functions of the library that make a client for a connection. */
const CLIENT_FACTORIES = [
  'createClient',
  'createHttpClient',
  'createWSClient',
  'createXHRClient',
  'createStdIOClient',
] as const;

const instrumentedLibrariesOf = definePart('thrift.libraries', () => new WeakSet<object>());

/** Whether something is the module `thrift`. */
export function isThriftLibrary(module: unknown): module is Record<string, Any> {
  if (!isObject(module)) return false;
  const { createServer, createClient, Thrift } = module as Record<string, Any>;
  return (
    typeof createServer === 'function' &&
    typeof createClient === 'function' &&
    typeof Thrift?.TException === 'function'
  );
}

/** From now on every server and client that a program makes with this copy of `thrift` is instrumented. */
export function instrumentLibrary(runtime: Runtime, library: Record<string, Any>): void {
  const instrumented = instrumentedLibrariesOf(runtime);
  if (instrumented.has(library)) return;
  instrumented.add(library);
  replace(
    library,
    'createServer',
    (create) =>
      function createServer(this: Any, service: Any, handler: Any, ...rest: Any[]) {
        const [measuredService, measuredHandler] = guarded(
          runtime,
          [service, handler],
          () => [instrumentService(service), measureHandler(runtime, service, handler)] as const,
        );
        return instrumentNewServer(
          runtime,
          create.call(this, measuredService, measuredHandler, ...rest),
        );
      },
  );
  replace(
    library,
    'createMultiplexServer',
    (create) =>
      function createMultiplexServer(this: Any, processor: Any, ...rest: Any[]) {
        guarded(runtime, undefined, () => measureProcessor(runtime, processor));
        return instrumentNewServer(runtime, create.call(this, processor, ...rest));
      },
  );
  replace(
    library,
    'createWebServer',
    (create) =>
      function createWebServer(this: Any, options: Any, ...rest: Any[]) {
        guarded(runtime, undefined, () => measureWebServices(runtime, options.services));
        return instrumentNewServer(runtime, create.call(this, options, ...rest));
      },
  );
  for (const factory of CLIENT_FACTORIES) {
    replace(
      library,
      factory,
      (create) =>
        function createClient(this: Any, service: Any, connection: Any, ...rest: Any[]) {
          const client: object = create.call(this, service, connection, ...rest);
          return guarded(runtime, client, () => observeClient(runtime, client, connection, {}));
        },
    );
  }
  replace(
    library['MultiplexedProcessor']?.prototype,
    'registerProcessor',
    (register) =>
      function registerProcessor(this: Any, name: Any, processor: Any, ...rest: Any[]) {
        guarded(runtime, undefined, () => measureProcessor(runtime, processor));
        return register.call(this, name, processor, ...rest);
      },
  );
  replace(
    library['Multiplexer']?.prototype,
    'createClient',
    (create) =>
      function createClient(this: Any, name: Any, service: Any, connection: Any, ...rest: Any[]) {
        const client: object = create.call(this, name, service, connection, ...rest);
        return guarded(runtime, client, () => observeClient(runtime, client, connection, {}));
      },
  );
}

/** All four metrics for the methods of the service, of a handler that no decorator says anything of. */
function measureHandler(runtime: Runtime, service: Any, handler: Any): Any {
  if (!isObject(handler) || isMeasured(handler)) return handler;
  const { prototype } = (service.Processor ?? service) as { prototype: object };
  const named = generatedServiceName(prototype);
  const keys = [...processorMethods(prototype).keys()].filter(
    (method) => typeof (handler as Any)[method] === 'function',
  );
  return instrumentMethods(runtime, handler, keys, named === null ? {} : { service: named });
}

/** A processor that the program has made itself, with the handler that it holds. */
function measureProcessor(runtime: Runtime, processor: Any): void {
  if (typeof processor?._handler !== 'object') return;
  processor._handler = measureHandler(runtime, processor.constructor, processor._handler);
  instrumentProcessor(runtime, processor);
}

function measureWebServices(runtime: Runtime, services: Record<string, Any>): void {
  for (const options of Object.values(services)) {
    const key = options.processor === undefined ? 'cls' : 'processor';
    const service = options[key];
    if (options.handler) {
      options.handler = measureHandler(runtime, service, options.handler);
      options[key] = instrumentService(service);
    } else measureProcessor(runtime, service);
  }
}

function instrumentNewServer(runtime: Runtime, server: Any): Any {
  return guarded(runtime, server, () => instrumentServer(server));
}

/** What `measure` gives; where it fails, the program goes on unmeasured with what it had. */
function guarded<T>(runtime: Runtime, original: T, measure: () => T): T {
  try {
    return measure();
  } catch (error) {
    runtime.faults.report('auto', error);
    return original;
  }
}

/** Puts a function in place of a method, with its name, length and flags. */
function replace(
  holder: object | undefined,
  key: string,
  around: (original: AnyFunction) => AnyFunction,
): void {
  const property = holder && Reflect.getOwnPropertyDescriptor(holder, key);
  const original: unknown = property?.value;
  if (holder === undefined || typeof original !== 'function') return;
  const replacement = around(original as AnyFunction);
  copySignature(original, replacement);
  Object.defineProperty(holder, key, { ...property, value: replacement });
}
