import { failedOption, labelsOption } from '../../api/metric-options';
import type { FailedFunction, LabelValue } from '../../api/options';
import { createFailedCheck } from '../../declaration/failed-check';
import { createLabelFunction } from '../../declaration/label-function';
import { LABEL } from '../../metrics/catalogue';
import type { Labels } from '../../metrics/labels';
import type { Call } from '../../recording/call';
import { currentRuntime, type Runtime } from '../../runtime/runtime';
import { thriftUseOf } from '../../runtime/thrift-use';
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
import { isGeneratedClient } from '../generated';
import { clientClassesOf, type ClientClass } from './client-class';
import { INSTRUMENTED, type MeasuredClient } from './client-method';
import type { ClientLabels } from './client-method-metrics';
import { observeConnection } from './connection-observer';
import { InstrumentedClient } from './instrumented-client';

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
   * Labels to add to the metrics of the client's requests: constants, or functions of the call.
   *
   * @default none
   */
  labels?: Readonly<Record<string, LabelValue>> | undefined;
  /**
   * Marks a call that returned as failed, with kind `result`; a string becomes its `thrift_exception_type`. Asked once,
   * when the call settles.
   *
   * @default none
   */
  failed?: FailedFunction | undefined;
}

const WHERE = 'instrumentClient';

/** Labels that the metrics themselves or the text format set. */
const RESERVED: readonly string[] = [
  LABEL.service,
  LABEL.method,
  LABEL.clientName,
  LABEL.success,
  LABEL.exceptionType,
  LABEL.exceptionKind,
  'le',
];

const OPTIONS: OptionTable<InstrumentClientOptions> = {
  name: mustBe(isNonEmptyString, "a non-empty string, such as 'billing'"),
  connection: mustBe(
    (value: unknown) => value === null || isConnection(value),
    'a connection, such as thrift.createConnection returns',
  ),
  labels: labelsOption(RESERVED),
  failed: failedOption,
};

/** The options that say how a client is counted. */
type CountingOptions = Omit<InstrumentClientOptions, 'connection'>;

/**
 * Measures the calls of a client that Thrift's compiler generated, and its connection. Takes what `thrift.createClient` or
 * another function that creates clients returned. Instrumenting a client again has no effect, except that it can name a
 * client without a name, and add `labels` and `failed`.
 *
 * Records, with `thrift_service`, `thrift_method` and `thrift_client_name`: `thrift_client_requests_total`,
 * `thrift_client_active_requests`, `thrift_client_oldest_active_request_seconds`, `thrift_client_late_replies_total`,
 * `thrift_client_latency_seconds` (also with `thrift_success`: `true`, `false`) and `thrift_client_errors_total` (also with
 * `thrift_exception_type`, and `thrift_exception_kind`: `declared`, `application`, `transport`, `timeout`, `result`). With
 * `thrift_client_name` alone: `thrift_client_reconnects_total` and `thrift_client_offline_queue_length`. The series start
 * at 0 immediately, unless a label is a function of the call.
 *
 * The client behaves as before, with the same methods, promises, callbacks and bytes. An error reaches the caller
 * unchanged, whether it is thrown while sending or is part of the reply, and counts as a failed call. Thrift never settles
 * a call whose connection is refused, closes or times out; such a call counts as failed when the connection reports it.
 * Faults of this package are reported through `onError`.
 *
 * @returns the same client.
 * @throws {@link ThriftMetricsError} `TM_ERR_OPTION_INVALID` if the argument is not a generated client or an option is
 * wrong, `TM_ERR_LABEL_NAME` or `TM_ERR_LABEL_VALUE` if a label is wrong, `TM_ERR_OPTION_UNKNOWN` if an option does not
 * exist, `TM_ERR_NAME_TAKEN` if the registry holds another metric with one of the names. The client is not changed then.
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
  return observeClient(currentRuntime(), client, options.connection ?? null, options);
}

/** Instruments a client like {@link instrumentClient}, with options that are already checked. */
export function observeClient<C extends object>(
  runtime: Runtime,
  client: C,
  connection: object | null,
  options: CountingOptions,
): C {
  if (!isGeneratedClient(client)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the client is ${show(client)}. Pass a client that thrift.createClient returned for a generated service.`,
    );
  }
  refuseFixed('client', client);
  if (connection !== null) refuseFixed('connection', connection);
  const instrumented = instrumentedClient(runtime, client, options);
  thriftUseOf(runtime).note();
  if (connection !== null) {
    instrumented.connectTo(observeConnection(runtime, connection as Connection));
  }
  return client;
}

function refuseFixed(what: 'client' | 'connection', value: object): void {
  if (Object.isExtensible(value)) return;
  throw new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `${WHERE}: the ${what} is frozen, sealed or not extensible, so its calls cannot be measured. Instrument it before Object.freeze.`,
  );
}

function instrumentedClient(
  runtime: Runtime,
  client: MeasuredClient,
  options: CountingOptions,
): InstrumentedClient {
  const clientClass = clientClassesOf(runtime).of(client);
  // The registry may have been cleared since another client created the series.
  runtime.families.follow();
  const existing = client[INSTRUMENTED];
  if (existing !== undefined) {
    addOptions(runtime, existing, clientClass, options);
    return existing;
  }
  const { name, labels } = options;
  const profile = clientClass.profile(
    name ?? clientClass.service,
    labels === undefined ? null : splitLabels(labels),
  );
  const instrumented = new InstrumentedClient(profile, name !== undefined, client.output);
  addFunctions(runtime, instrumented, options);
  clientClass.measure(client, profile);
  Object.defineProperty(client, INSTRUMENTED, { value: instrumented });
  return instrumented;
}

/** Adds what a client that is instrumented again does not have yet. */
function addOptions(
  runtime: Runtime,
  instrumented: InstrumentedClient,
  clientClass: ClientClass,
  options: CountingOptions,
): void {
  const { profile, isNamed } = instrumented;
  const name = isNamed ? undefined : options.name;
  const labels = profile.hasLabels ? undefined : options.labels;
  if (name !== undefined || labels !== undefined) {
    instrumented.isNamed = isNamed || name !== undefined;
    instrumented.changeProfile(
      clientClass.profile(
        name ?? profile.name,
        labels === undefined ? profile.labels : splitLabels(labels),
      ),
    );
  }
  addFunctions(runtime, instrumented, { labels, failed: options.failed });
}

function addFunctions(
  runtime: Runtime,
  instrumented: InstrumentedClient,
  { labels, failed }: CountingOptions,
): void {
  const { profile, functions } = instrumented;
  if (failed !== undefined || functions?.failed) profile.addResultErrors();
  if (failed === undefined && labels === undefined) return;
  const { faults } = runtime;
  const { location } = profile;
  instrumented.functions = {
    failed:
      functions?.failed ??
      (failed === undefined ? null : createFailedCheck(failed, location, runtime)),
    labels:
      labels === undefined
        ? (functions?.labels ?? [])
        : functionsIn(labels).map(([label, ofCall]) =>
            createLabelFunction(label, ofCall, location, faults),
          ),
  };
}

/** Separates labels into constants and those that depend on the call, which are only named. */
function splitLabels(labels: Readonly<Record<string, LabelValue>>): ClientLabels {
  const constants = Object.entries(labels).filter(([, value]) => typeof value === 'string');
  return {
    constant: Object.fromEntries(constants.toSorted(byName)) as Labels,
    names: functionsIn(labels).map(([name]) => name),
  };
}

/** The labels that depend on the call, in the order of their names. */
function functionsIn(
  labels: Readonly<Record<string, LabelValue>>,
): [name: string, ofCall: (call: Call) => string][] {
  return Object.entries(labels)
    .filter((entry): entry is [string, (call: Call) => string] => typeof entry[1] === 'function')
    .toSorted(byName);
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

function isConnection(value: unknown): value is Connection {
  return isObject(value) && typeof (value as Connection).write === 'function';
}
