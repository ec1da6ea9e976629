import { UNKNOWN } from '../../recording/guards';
import type { Runtime } from '../../runtime/runtime';
import { generatedServiceName, processorMethods } from '../generated';
import { copySignature, replaceMethod } from '../method-replacement';
import { protocolErrorsOf } from '../refused-input';
import { applyWithoutStackTrace } from '../stack-traces';
import type { Protocol } from '../wire';
import { declareThrows, serviceOfHandler } from './declared-exceptions';
import { reportUnmeasured } from './handler-measures';
import { MethodTable, serviceMetricsOf } from './method-metrics';
import { openRequest } from './request-observer';

/** How a processor is observed. */
export interface ProcessorOptions {
  /** Null if the handler and the generated code name the service. */
  readonly service: string | null;
}

/** Marks a prototype or processor whose `process` is observed. Registered, so that every copy of this package sees it. */
const OBSERVED = Symbol.for('thrift-metrics.processor');
/** The methods of a processor, once they are found. */
const METHODS: unique symbol = Symbol.for('thrift-metrics.processor-methods.1');

type Process = (this: Processor, input: Protocol, output: Protocol) => unknown;

interface Processor {
  process: Process;
  readonly _handler?: unknown;
  readonly [OBSERVED]?: ProcessorOptions;
  readonly [METHODS]?: MethodTable;
}

export interface ProcessorClass extends Function {
  prototype: Processor;
}

export function isObserved(processor: object): boolean {
  return OBSERVED in processor;
}

/** Creates a subclass that behaves like the class itself and whose instances are observed. */
export function observedClass(
  runtime: Runtime,
  original: ProcessorClass,
  options: ProcessorOptions,
): ProcessorClass {
  // A function instead of a class, because processors of ES5 output may be called on an existing object.
  const observed = function (this: Processor, ...args: unknown[]): unknown {
    if (new.target === undefined) {
      const result: unknown = Reflect.apply(original, this, args);
      prepare(runtime, this);
      return result;
    }
    const processor = Reflect.construct(original, args, new.target) as Processor;
    prepare(runtime, processor);
    return processor;
  };
  copySignature(original, observed);
  Object.setPrototypeOf(observed, original);
  const { prototype } = original;
  observed.prototype = Object.create(prototype, {
    constructor: { writable: true, configurable: true, value: observed },
    [OBSERVED]: { value: options },
  }) as Processor;
  if (!isObserved(prototype)) observeProcess(runtime, observed.prototype, prototype.process);
  return observed;
}

/**
 * Observes a processor that already exists and returns it. Leaves it unchanged if it is observed, or if Thrift's compiler
 * has not generated it.
 */
export function instrumentProcessor<P extends object>(
  runtime: Runtime,
  processor: P,
  options: ProcessorOptions = { service: null },
): P {
  if (isObserved(processor) || processorMethods(processor).size === 0) return processor;
  Object.defineProperty(processor, OBSERVED, { value: options });
  registerProcessorMetrics(runtime);
  const target = processor as unknown as Processor;
  observeProcess(runtime, target, target.process);
  prepare(runtime, target);
  return processor;
}

/** Puts the families into the registry, so that a name that is taken causes an error at startup. */
export function registerProcessorMetrics(runtime: Runtime): void {
  serviceMetricsOf(runtime).register();
  protocolErrorsOf(runtime).register();
}

function observeProcess(runtime: Runtime, target: Processor, original: Process): void {
  const { gate } = runtime;
  const observed: Process = function process(input, output) {
    if (!gate.enabled) return Reflect.apply(original, this, arguments);
    const methods = this[METHODS] ?? prepare(runtime, this);
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
  replaceMethod(target, 'process', original, observed);
}

/**
 * Creates the series of every method, and passes the service's exceptions to the handler's decorators. Never throws: it
 * returns null if that is not possible yet, and the next message tries again.
 */
function prepare(runtime: Runtime, processor: Processor): MethodTable | null {
  if (Object.hasOwn(processor, METHODS)) return processor[METHODS] as MethodTable;
  let table: MethodTable | null = null;
  try {
    const { _handler: handler } = processor;
    const methods = processorMethods(processor);
    declareThrows(runtime, handler, methods.values());
    table = tableOf(runtime, processor, processor[OBSERVED]?.service ?? null, handler);
    Object.defineProperty(processor, METHODS, { value: table });
    reportUnmeasured(runtime, handler, table.service, [...methods.keys()]);
  } catch (fault) {
    runtime.faults.report('processor', fault);
  }
  return table;
}

/** Creates the table of a processor's methods. If `service` is null, a decorated handler names the service of each method. */
export function tableOf(
  runtime: Runtime,
  processor: object,
  service: string | null,
  handler: unknown,
): MethodTable {
  const metrics = serviceMetricsOf(runtime);
  const methods = processorMethods(processor).values();
  if (service !== null) return new MethodTable(metrics, methods, service, () => service);
  const served = generatedServiceName(processor) ?? UNKNOWN;
  return new MethodTable(
    metrics,
    methods,
    served,
    (name) => serviceOfHandler(runtime, handler, name) ?? served,
  );
}
