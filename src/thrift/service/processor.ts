import { UNKNOWN } from '../../recording/call-labels';
import { faults } from '../../runtime/faults';
import { state } from '../../runtime/runtime';
import { generatedServiceName, processorMethods } from '../generated';
import { registerProtocolErrors } from '../refused-input';
import { copySignature } from '../signature';
import { applyWithoutStackTrace } from '../stack-traces';
import type { Protocol } from '../wire';
import { declareThrows, serviceOfHandler } from './declared-exceptions';
import { MethodTable, registerMessageFamilies } from './method-metrics';
import { openRequest } from './request-observer';

/** How a processor is observed. */
export interface ProcessorOptions {
  /** Null: told by the handler and by the generated code. */
  readonly service: string | null;
}

/** On a prototype or a processor whose `process` is observed. Registered, since copies of this package are to know it. */
const OBSERVED = Symbol.for('thrift-metrics.processor');
/** On a processor: its methods; null where they could not be found out. */
const METHODS = Symbol('methods');

type Process = (this: Processor, input: Protocol, output: Protocol) => unknown;

interface Processor {
  process: Process;
  readonly _handler?: unknown;
  readonly [OBSERVED]?: ProcessorOptions;
  readonly [METHODS]?: MethodTable | null;
}

export interface ProcessorClass extends Function {
  prototype: Processor;
}

export function isObserved(processor: object): boolean {
  return OBSERVED in processor;
}

/** A subclass that behaves like the class itself, and whose instances are observed. */
export function observedClass(original: ProcessorClass, options: ProcessorOptions): ProcessorClass {
  // Not a class: those of ES5 output may be called on an object that is there.
  const observed = function (this: Processor, ...args: unknown[]): unknown {
    if (new.target === undefined) {
      const result: unknown = Reflect.apply(original, this, args);
      prepare(this);
      return result;
    }
    const processor = Reflect.construct(original, args, new.target) as Processor;
    prepare(processor);
    return processor;
  };
  copySignature(original, observed);
  Object.setPrototypeOf(observed, original);
  const { prototype } = original;
  const property = { writable: true, enumerable: false, configurable: true };
  observed.prototype = Object.create(prototype, {
    constructor: { ...property, value: observed },
    [OBSERVED]: { ...property, value: options },
  }) as Processor;
  if (!isObserved(prototype)) observeProcess(observed.prototype, prototype.process);
  return observed;
}

/**
 * Observes a processor that is constructed already, as `instrumentService` does those that are not; returns it. One that
 * is observed is left as it is, and so is what is no generated processor.
 */
export function instrumentProcessor<P extends object>(
  processor: P,
  options: ProcessorOptions = { service: null },
): P {
  if (isObserved(processor) || processorMethods(processor).size === 0) return processor;
  const value = { writable: true, enumerable: false, configurable: true, value: options };
  Object.defineProperty(processor, OBSERVED, value);
  registerProcessorMetrics();
  const target = processor as unknown as Processor;
  observeProcess(target, target.process);
  prepare(target);
  return processor;
}

/** Puts the families into the registry, so that a name which is taken shows at startup. */
export function registerProcessorMetrics(): void {
  registerMessageFamilies();
  registerProtocolErrors();
}

function observeProcess(holder: Processor, original: Process): void {
  const value = observe(original);
  const property = { writable: true, enumerable: false, configurable: true, value };
  Object.defineProperty(holder, 'process', property);
}

function observe(original: Process): Process {
  const { gate } = state;
  return function process(this: Processor, input, output) {
    if (!gate.enabled) return Reflect.apply(original, this, arguments);
    let methods = this[METHODS];
    if (methods === undefined) methods = prepare(this);
    const request = methods === null ? null : openRequest(methods, input, output);
    if (request === null) return Reflect.apply(original, this, arguments);
    if (!request.hasInput) return applyWithoutStackTrace(original, this, arguments);
    let result: unknown;
    try {
      result = Reflect.apply(original, this, arguments);
    } catch (error) {
      request.failed(error);
      throw error;
    }
    request.returned();
    return result;
  };
}

/** Gives every method its series, and tells the handler's decorators what the service declares. Never throws. */
function prepare(processor: Processor): MethodTable | null {
  if (Object.hasOwn(processor, METHODS)) return processor[METHODS] as MethodTable | null;
  let table: MethodTable | null = null;
  try {
    const { _handler: handler } = processor;
    const methods = processorMethods(processor);
    declareThrows(handler, methods.values());
    table = tableOf(processor, processor[OBSERVED]?.service ?? null, handler);
    Object.defineProperty(processor, METHODS, { value: table });
  } catch (fault) {
    faults.report('processor', fault);
  }
  return table;
}

/** The methods of a processor; without a `service` those of a decorated handler are of the service that it names. */
export function tableOf(processor: object, service: string | null, handler: unknown): MethodTable {
  const methods = processorMethods(processor).values();
  if (service !== null) return new MethodTable(methods, service, () => service);
  const served = generatedServiceName(processor) ?? UNKNOWN;
  return new MethodTable(methods, served, (name) => serviceOfHandler(handler, name) ?? served);
}
