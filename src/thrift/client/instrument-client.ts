import type { FailedFunction } from '../../api/options';
import { currentRuntime, type Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import {
  checkOption,
  checkOptions,
  isNonEmptyString,
  isObject,
  show,
} from '../../validation/checks';
import type { Connection } from './connection';
import { isGeneratedClient, methodsOf, serviceOf, type GeneratedClient } from '../generated';
import { clientMetricsOf } from './client-cells';
import { InstrumentedClient } from './instrumented-client';
import { measureClientMethod } from './client-method';
import { observeConnection } from './connection-observer';

/** What `instrumentClient` takes. */
export interface InstrumentClientOptions {
  /** The value of `thrift_client_name`. The name of the service. */
  name?: string | undefined;
  /**
   * The connection that the client was made for. Without it, the connection is known from the first call on; what it
   * reports before that is not seen. One of a class that is not Thrift's own has to be given.
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

/** Copies of this package find what another one has put there. The number is that of the layout. */
const INSTRUMENTED = Symbol.for('thrift-metrics.client.1');

/**
 * Measures the calls of a client that Thrift's compiler generated, and returns that client. It stays what it was: the
 * same methods, promises, callbacks and bytes. A second time changes nothing.
 *
 * Records `thrift_client_requests_total`, `thrift_client_active_requests`,
 * `thrift_client_oldest_active_request_seconds`, `thrift_client_latency_seconds` (by `thrift_success`) and
 * `thrift_client_errors_total` (by `thrift_exception_type` and `thrift_exception_kind`), each with `thrift_service`,
 * `thrift_method` and `thrift_client_name`; and, of the connection, `thrift_client_reconnects_total` and
 * `thrift_client_offline_queue_length` with `thrift_client_name`. All of them stand at 0 from now on.
 *
 * A call that fails is counted under `declared`, `application`, `transport` or `timeout`. Thrift leaves calls pending
 * whose connection is refused, is closed or times out: they are counted as failed when the connection says so.
 *
 * @throws {@link ThriftMetricsError} when the client is no generated client, or an option is wrong.
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
  checkOptions(WHERE, options, ['name', 'connection']);
  const { name, connection = null } = options;
  checkOption(WHERE, 'name', name, isNonEmptyString, 'a string that is not empty');
  if (connection !== null && !isConnection(connection)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: option 'connection' is ${show(connection)}; a connection that thrift.create…Connection returned is expected`,
    );
  }
  return observeClient(currentRuntime(), client, connection, { name });
}

/** The same, of options that are known to be right. */
export function observeClient<C extends object>(
  runtime: Runtime,
  client: C,
  connection: object | null,
  { name }: { name?: string | undefined },
): C {
  if (!isGeneratedClient(client) || !Object.isExtensible(client)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the client is ${show(client)}; an object that thrift.createClient returned for a generated service is expected`,
    );
  }
  const instrumented = instrumentedClient(runtime, client, name);
  if (name !== undefined) instrumented.giveName(name);
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
