import { currentRuntime, type Runtime } from '../../runtime/runtime';
import { thriftUseOf } from '../../runtime/thrift-use';
import { ThriftMetricsError } from '../../validation/errors';
import {
  checkOptionTable,
  isNonEmptyString,
  mustBe,
  type OptionTable,
  show,
} from '../../validation/checks';
import { readsOtherMessages } from '../generated';
import {
  isObserved,
  observedClass,
  registerProcessorMetrics,
  tableOf,
  type ProcessorClass,
  type ProcessorOptions,
} from './processor';

/** Options of {@link instrumentService}. */
export interface InstrumentServiceOptions {
  /**
   * Value of `thrift_service` for every message.
   *
   * @default the service that the handler's decorators name for the method, or else the service of the generated code
   */
  service?: string | undefined;
}

const WHERE = 'instrumentService';

const OPTIONS: OptionTable<InstrumentServiceOptions> = {
  service: mustBe(isNonEmptyString, "the name of a Thrift service, such as 'Calculator'"),
};

/**
 * Measures a service at the level of messages, which only its processor sees: replies, unanswered messages, sizes, coding
 * times, lost replies, and input that is not a message.
 *
 * Takes a service module that Thrift's compiler generated, or its processor class, and returns a replacement to pass to
 * Thrift: the same exports, with a subclass of the `Processor`. The original does not change. An instrumented service is
 * not instrumented again, but a `service` option gives it another name.
 *
 * Records, with `thrift_service` and `thrift_method`: `thrift_server_messages_total` (also with `thrift_message_type`:
 * `call`, `oneway`, and `thrift_reply`: `reply`, `exception`, `none`), `thrift_server_active_messages`,
 * `thrift_server_oldest_active_request_seconds`, `thrift_server_request_size_bytes`,
 * `thrift_server_request_decode_seconds`, `thrift_server_response_size_bytes`, `thrift_server_response_write_seconds` and
 * `thrift_server_lost_replies_total` (also with `thrift_reason`: `unserializable`, `disconnected`). If the server is
 * instrumented, `thrift_server_queue_seconds`. With `thrift_reason` alone: `thrift_server_protocol_errors_total`. A method
 * that the service does not have is `_unknown`. The series start at 0 when the processor is constructed, or immediately if
 * `service` is given.
 *
 * Calls behave as before: the handler gets the same arguments, an error that it throws continues unchanged, and the reply
 * has the same bytes. If an error counter of the handler has no `exceptions`, the service determines which exceptions are
 * declared. Faults of this package are reported through `onError`.
 *
 * @returns the instrumented service.
 * @throws {@link ThriftMetricsError} `TM_ERR_OPTION_INVALID` if the argument is not a service or an option is wrong,
 * `TM_ERR_OPTION_UNKNOWN` if an option does not exist, `TM_ERR_NAME_TAKEN` if the registry holds another metric with one
 * of the names.
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
  checkOptionTable(WHERE, options, OPTIONS);
  const processor = processorClassOf(service);
  const runtime = currentRuntime();
  registerProcessorMetrics(runtime);
  thriftUseOf(runtime).note();
  const named = options.service ?? null;
  if (named !== null) tableOf(runtime, processor.prototype, named, undefined);
  else if (isObserved(processor.prototype)) return service;
  return withProcessor(runtime, service, processor, { service: named });
}

/** Finds the processor class as `createServer` does. */
function processorClassOf(service: unknown): ProcessorClass {
  const given = service as { Processor?: unknown } | null | undefined;
  const found: unknown = given?.Processor ?? given;
  if (!isProcessorClass(found)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the service is ${show(service)} and has no processor. Pass a service module that Thrift's compiler generated, or its Processor.`,
    );
  }
  if (readsOtherMessages(found.prototype)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the processor of the service reads messages of another library than thrift, so it cannot be measured. Decorate its handler instead.`,
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
