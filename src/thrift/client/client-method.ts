import { CallDetails, type FailedCheck } from '../../recording/call';
import type { Method } from '../../recording/wrap';
import type { Runtime } from '../../runtime/runtime';
import { ClientCall } from './client-call';
import type { ClientConnection } from './connection';
import { failureOfReply, failureOfRequest } from './client-failure';
import { connectionPrototypesOf, findConnection } from './connection-lookup';
import type { ClientMethod, GeneratedClient } from '../generated';
import type { InstrumentedClient, MeasuredMethod } from './instrumented-client';
import { observeConnection } from './connection-observer';
import { replaceMethod } from '../method-replacement';
import type { Protocol } from '../wire';
import { spareStackTrace } from '../stack-traces';

const SITE = 'client connection';

// oxlint-disable-next-line typescript/unbound-method -- called with `arguments` as its receiver
const { slice } = Array.prototype;

/**
 * Measures one method of a client. Replaces `send_…` and `recv_…` on the client, through which the generated method sends
 * and receives. The method itself stays the generated one, with its promise or callback.
 */
export function measureClientMethod(
  client: GeneratedClient,
  instrumented: InstrumentedClient,
  { name, send, receive }: ClientMethod,
): void {
  const method = instrumented.addMethod(name);
  const isOneway = receive === null;
  replaceMethod(client, `send_${name}`, send, measuredSend(send, method, instrumented, isOneway));
  if (receive !== null) {
    replaceMethod(client, `recv_${name}`, receive, measuredReceive(receive, instrumented));
  }
}

function measuredSend(
  send: Method,
  method: MeasuredMethod,
  instrumented: InstrumentedClient,
  isOneway: boolean,
): Method {
  const { runtime } = instrumented.metrics;
  const { gate } = runtime;
  return function (this: GeneratedClient) {
    if (!gate.enabled) return Reflect.apply(send, this, arguments);
    const id = this.seqid();
    const call = new ClientCall(instrumented, id, method.cells);
    // Before it sends, generated code has stored the callback here, or the function that settles the promise.
    this._reqs[id] = observeAnswer(
      call,
      this._reqs[id],
      runtime,
      // The arguments are only copied for `failed`. A oneway call has no result that could count as failed.
      instrumented.failed === null || isOneway
        ? null
        : {
            failed: instrumented.failed,
            call: new CallDetails(slice.call(arguments), method.name, instrumented.serviceName),
          },
    );
    let result: unknown;
    try {
      if (instrumented.connection !== null) {
        result = sendOver(instrumented.connection, call, send, this, arguments);
      } else if (instrumented.isConnectionSought) {
        result = sendAndFind(instrumented, call, send, this, arguments);
      } else {
        result = Reflect.apply(send, this, arguments);
      }
    } catch (error) {
      call.fail(failureOfRequest(error, runtime.faults));
      throw error;
    }
    if (isOneway) call.succeed();
    return result;
  };
}

function sendOver(
  connection: ClientConnection,
  call: ClientCall,
  send: Method,
  client: GeneratedClient,
  args: ArrayLike<unknown>,
): unknown {
  const { sending } = connection;
  connection.sending = call;
  try {
    return Reflect.apply(send, client, args);
  } finally {
    // The callback of a oneway call runs during `send` and may have made calls itself.
    connection.sending = sending;
  }
}

/** Finds the connection of the client when the request is written. */
function sendAndFind(
  instrumented: InstrumentedClient,
  call: ClientCall,
  send: Method,
  client: GeneratedClient,
  args: ArrayLike<unknown>,
): unknown {
  const { runtime } = instrumented.metrics;
  const result = findConnection(
    connectionPrototypesOf(runtime),
    client,
    () => Reflect.apply(send, client, args) as unknown,
    (connection) => {
      try {
        const observed = observeConnection(runtime, connection);
        instrumented.connectTo(observed);
        observed.sending = call;
        return observed;
      } catch (error) {
        runtime.faults.report(SITE, error);
        return null;
      }
    },
  );
  // A connection that was not found now will not be found for the next call either.
  instrumented.isConnectionSought = false;
  return result;
}

/** The option `failed` with the call that it is asked about. */
interface Judged {
  readonly failed: FailedCheck;
  readonly call: CallDetails;
}

/** Wraps the callback of a call, so that it records the outcome before it passes everything on. */
function observeAnswer(
  call: ClientCall,
  callback: unknown,
  { faults }: Runtime,
  judged: Judged | null,
): Method {
  // `arguments` instead of rest parameters, which create an array for every call.
  return function () {
    const error: unknown = arguments[0];
    if (error) call.fail(failureOfReply(error, faults));
    else if (judged === null) call.succeed();
    else {
      judged.call.result = arguments[1];
      call.judge(() => judged.failed(judged.call));
    }
    if (typeof callback === 'function') return Reflect.apply(callback, undefined, arguments);
    // As without metrics, generated code calls anything truthy: a value that is not a function throws.
    if (callback) (callback as Method)();
    return undefined;
  };
}

function measuredReceive(receive: Method, instrumented: InstrumentedClient): Method {
  const { faults } = instrumented.metrics.runtime;
  return function () {
    try {
      spareStackTrace(arguments[0] as Protocol);
    } catch (fault) {
      faults.report(SITE, fault);
    }
    try {
      return Reflect.apply(receive, this, arguments) as unknown;
    } catch (error) {
      // The third argument is the id of the reply: connections use the negative id of the call.
      const id = -(arguments[2] as number);
      instrumented.connection?.keepUndecoded(instrumented, id, error);
      throw error;
    }
  };
}
