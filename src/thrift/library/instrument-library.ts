import { instrumentMethods, isMeasured } from '../../api/handler';
import { faults } from '../../runtime/faults';
import { isObject } from '../../validation/options';
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
];

const instrumented = new WeakSet<object>();

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
export function instrumentLibrary(library: Record<string, Any>): void {
  if (instrumented.has(library)) return;
  instrumented.add(library);
  replace(
    library,
    'createServer',
    (create) =>
      function createServer(this: Any, service: Any, handler: Any, ...rest: Any[]) {
        const [measuredService, measuredHandler] = guarded(
          [service, handler],
          () => [instrumentService(service), measureHandler(service, handler)] as const,
        );
        return instrumentNewServer(create.call(this, measuredService, measuredHandler, ...rest));
      },
  );
  replace(
    library,
    'createMultiplexServer',
    (create) =>
      function createMultiplexServer(this: Any, processor: Any, ...rest: Any[]) {
        guarded(undefined, () => measureProcessor(processor));
        return instrumentNewServer(create.call(this, processor, ...rest));
      },
  );
  replace(
    library,
    'createWebServer',
    (create) =>
      function createWebServer(this: Any, options: Any, ...rest: Any[]) {
        guarded(undefined, () => measureWebServices(options.services));
        return instrumentNewServer(create.call(this, options, ...rest));
      },
  );
  for (const factory of CLIENT_FACTORIES) {
    replace(
      library,
      factory,
      (create) =>
        function createClient(this: Any, service: Any, connection: Any, ...rest: Any[]) {
          const client: object = create.call(this, service, connection, ...rest);
          return guarded(client, () => observeClient(client, connection, {}));
        },
    );
  }
  replace(
    library['MultiplexedProcessor']?.prototype,
    'registerProcessor',
    (register) =>
      function registerProcessor(this: Any, name: Any, processor: Any, ...rest: Any[]) {
        guarded(undefined, () => measureProcessor(processor));
        return register.call(this, name, processor, ...rest);
      },
  );
  replace(
    library['Multiplexer']?.prototype,
    'createClient',
    (create) =>
      function createClient(this: Any, name: Any, service: Any, connection: Any, ...rest: Any[]) {
        const client: object = create.call(this, name, service, connection, ...rest);
        return guarded(client, () => observeClient(client, connection, {}));
      },
  );
}

/** All four metrics for the methods of the service, of a handler that no decorator says anything of. */
function measureHandler(service: Any, handler: Any): Any {
  if (!isObject(handler) || isMeasured(handler)) return handler;
  const { prototype } = (service.Processor ?? service) as { prototype: object };
  const named = generatedServiceName(prototype);
  const keys = [...processorMethods(prototype).keys()].filter(
    (method) => typeof (handler as Any)[method] === 'function',
  );
  return instrumentMethods(handler, keys, named === null ? {} : { service: named });
}

/** A processor that the program has made itself, with the handler that it holds. */
function measureProcessor(processor: Any): void {
  if (typeof processor?._handler !== 'object') return;
  processor._handler = measureHandler(processor.constructor, processor._handler);
  instrumentProcessor(processor);
}

function measureWebServices(services: Record<string, Any>): void {
  for (const options of Object.values(services)) {
    const key = options.processor === undefined ? 'cls' : 'processor';
    const service = options[key];
    if (options.handler) {
      options.handler = measureHandler(service, options.handler);
      options[key] = instrumentService(service);
    } else measureProcessor(service);
  }
}

function instrumentNewServer(server: Any): Any {
  return guarded(server, () => instrumentServer(server));
}

/** What `measure` gives; where it fails, the program goes on unmeasured with what it had. */
function guarded<T>(original: T, measure: () => T): T {
  try {
    return measure();
  } catch (error) {
    faults.report('auto', error);
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
