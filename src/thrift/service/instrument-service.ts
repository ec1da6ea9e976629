import { currentRuntime, type Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { checkOption, checkOptions, isNonEmptyString, show } from '../../validation/checks';
import { readsOtherMessages } from '../generated';
import {
  isObserved,
  observedClass,
  registerProcessorMetrics,
  tableOf,
  type ProcessorClass,
  type ProcessorOptions,
} from './processor';

/** What `instrumentService` takes; every key is optional. */
export interface InstrumentServiceOptions {
  /**
   * The value of `thrift_service`. Without it, each method has the service that a decorated handler gives it, and every
   * other one the service of the generated code.
   */
  service?: string | undefined;
}

const WHERE = 'instrumentService';

/**
 * Measures what only the processor of a service sees: messages by how they were answered, those that are not answered yet
 * and how long the oldest has been waiting, sizes, the time to decode requests and to write replies, replies that were
 * lost, and input that was no message. A method that the service does not have is `_unknown`.
 *
 * Takes a service module that Thrift's compiler wrote, or its processor class, and returns one to use in its place:
 * the same exports, with a `Processor` that is a subclass. What was given is left as it is. One that is instrumented is not
 * instrumented again.
 *
 * What a handler does about a call does not change, and neither does a byte of the reply; what it throws goes on as it was.
 * An error counter of the handler that has no `exceptions` goes by what the service declares.
 *
 * Every series stands at 0 when the processor is constructed; with `service`, from now on.
 *
 * @throws {@link ThriftMetricsError} when the service or an option is wrong, or another metric has the name of one of these.
 *
 * @example
 * ```ts
 * import thrift from 'thrift';
 * import Calculator from './gen-nodejs/Calculator.js';
 *
 * const server = thrift.createServer(instrumentService(Calculator), new CalculatorHandler());
 * ```
 */
export function instrumentService<S extends object>(
  service: S,
  options: InstrumentServiceOptions = {},
): S {
  checkOptions(WHERE, options, ['service']);
  checkOption(WHERE, 'service', options.service, isNonEmptyString, 'a name');
  const processor = processorClassOf(service);
  const runtime = currentRuntime();
  registerProcessorMetrics(runtime);
  const named = options.service ?? null;
  if (named !== null) tableOf(runtime, processor.prototype, named, undefined);
  else if (isObserved(processor.prototype)) return service;
  return withProcessor(runtime, service, processor, { service: named });
}

/** As `createServer` finds it. */
function processorClassOf(service: unknown): ProcessorClass {
  const given = service as { Processor?: unknown } | null | undefined;
  const found: unknown = given?.Processor ?? given;
  if (!isProcessorClass(found)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the service is ${show(service)} without a processor; a service module that Thrift's compiler wrote, or its Processor, is expected`,
    );
  }
  if (readsOtherMessages(found.prototype)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the processor of the service reads messages of another library than thrift; decorate its handler instead`,
    );
  }
  return found;
}

function isProcessorClass(value: unknown): value is ProcessorClass {
  if (typeof value !== 'function') return false;
  const prototype = value.prototype as { process?: unknown } | undefined;
  return typeof prototype?.process === 'function';
}

function withProcessor<S extends object>(
  runtime: Runtime,
  service: S,
  processor: ProcessorClass,
  options: ProcessorOptions,
): S {
  const value = observedClass(runtime, processor, options);
  if (!('Processor' in service)) return value as object as S;
  const properties = Object.getOwnPropertyDescriptors(service) as PropertyDescriptorMap;
  properties['Processor'] = { value, writable: true, enumerable: true, configurable: true };
  return Object.create(Object.getPrototypeOf(service) as object | null, properties) as S;
}
