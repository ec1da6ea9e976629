import { failedOption } from '../../api/metric-options';
import type { FailedFunction } from '../../api/options';
import { createFailedCheck } from '../../declaration/failed-check';
import { currentRuntime, type Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import {
  checkOptionTable,
  isNonEmptyString,
  isObject,
  mustBe,
  type OptionTable,
  show,
} from '../../validation/checks';
import type { Connection } from './connection';
import { isGeneratedClient, methodsOf, serviceOf, type GeneratedClient } from '../generated';
import { clientMetricsOf } from './client-cells';
import { InstrumentedClient } from './instrumented-client';
import { measureClientMethod } from './client-method';
import { observeConnection } from './connection-observer';

/** Options of {@link instrumentClient}. */
export interface InstrumentClientOptions {
  /**
   * Value of `thrift_client_name`. A client that is instrumented again keeps the first name that was given.
   *
   * @default the name of the service
   */
  name?: string | undefined;
  /**
   * Connection that the client was created for. A connection that is found at the first call is not observed before that,
   * and one whose class is not Thrift's own is not found.
   *
   * @default the connection that the first call is written to
   */
  connection?: object | undefined;
  /**
   * Marks a call that returned as failed, with kind `result`; a string becomes its `thrift_exception_type`. Asked once,
   * when the call settles.
   *
   * @default none
   */
  failed?: FailedFunction | undefined;
}

const WHERE = 'instrumentClient';

const OPTIONS: OptionTable<InstrumentClientOptions> = {
  name: mustBe(isNonEmptyString, "a non-empty string, such as 'billing'"),
  connection: mustBe(
    (value: unknown) => value === null || isConnection(value),
    'a connection, such as thrift.createConnection returns',
  ),
  failed: failedOption,
};

/** Marks an instrumented client. Registered, so that every copy of this package with the same layout number sees it. */
const INSTRUMENTED = Symbol.for('thrift-metrics.client.1');

/**
 * Measures the calls of a client that Thrift's compiler generated, and its connection. Takes what `thrift.createClient` or
 * another function that creates clients returned. Instrumenting a client again has no effect, except that it can name a
 * client without a name.
 *
 * Records, with `thrift_service`, `thrift_method` and `thrift_client_name`: `thrift_client_requests_total`,
 * `thrift_client_active_requests`, `thrift_client_oldest_active_request_seconds`, `thrift_client_latency_seconds` (also
 * with `thrift_success`: `true`, `false`) and `thrift_client_errors_total` (also with `thrift_exception_type`, and
 * `thrift_exception_kind`: `declared`, `application`, `transport`, `timeout`, `result`). With `thrift_client_name` alone:
 * `thrift_client_reconnects_total` and `thrift_client_offline_queue_length`. The series start at 0 immediately.
 *
 * The client behaves as before, with the same methods, promises, callbacks and bytes. An error reaches the caller
 * unchanged, whether it is thrown while sending or is part of the reply, and counts as a failed call. Thrift never settles
 * a call whose connection is refused, closes or times out; such a call counts as failed when the connection reports it.
 * Faults of this package are reported through `onError`.
 *
 * @returns the same client.
 * @throws {@link ThriftMetricsError} `TM_ERR_OPTION_INVALID` if the argument is not a generated client or an option is
 * wrong, `TM_ERR_OPTION_UNKNOWN` if an option does not exist, `TM_ERR_NAME_TAKEN` if the registry holds another metric
 * with one of the names. The client is not changed then.
 *
 * @example
 * ```ts
 * const connection = thrift.createConnection('localhost', 9090, {});
 * const client = instrumentClient(thrift.createClient(Calculator, connection), { name: 'billing' });
 * ```
 */
export function instrumentClient<C extends object>(
  client: C,
  options: InstrumentClientOptions = {},
): C {
  checkOptionTable(WHERE, options, OPTIONS);
  const { name, connection = null, failed } = options;
  return observeClient(currentRuntime(), client, connection, { name, failed });
}

/** Instruments a client like {@link instrumentClient}, with options that are already checked. */
export function observeClient<C extends object>(
  runtime: Runtime,
  client: C,
  connection: object | null,
  { name, failed }: Omit<InstrumentClientOptions, 'connection'>,
): C {
  if (!isGeneratedClient(client) || !Object.isExtensible(client)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the client is ${show(client)}. Pass a client that thrift.createClient returned for a generated service.`,
    );
  }
  const instrumented = instrumentedClient(runtime, client, name);
  if (name !== undefined) instrumented.giveName(name);
  if (failed !== undefined) {
    const location = `${WHERE} of ${instrumented.serviceName}`;
    instrumented.setFailed(createFailedCheck(failed, location, runtime));
  }
  if (connection !== null)
    instrumented.connectTo(observeConnection(runtime, connection as Connection));
  return client;
}

function instrumentedClient(
  runtime: Runtime,
  client: GeneratedClient & { [INSTRUMENTED]?: InstrumentedClient },
  name: string | undefined,
): InstrumentedClient {
  const existing = client[INSTRUMENTED];
  if (existing !== undefined) return existing;
  const instrumented = new InstrumentedClient(
    clientMetricsOf(runtime),
    serviceOf(client),
    name ?? null,
  );
  for (const method of methodsOf(client)) measureClientMethod(client, instrumented, method);
  Object.defineProperty(client, INSTRUMENTED, { value: instrumented });
  return instrumented;
}

function isConnection(value: unknown): value is Connection {
  return isObject(value) && typeof (value as Connection).write === 'function';
}
