import type { Method } from '../../recording/wrap';
import type { Runtime } from '../../runtime/runtime';
import { ClientCall } from './client-call';
import type { ClientConnection } from './connection';
import { failureOfReply, failureOfRequest } from './client-failure';
import { defineFunction } from '../signature';
import { connectionPrototypesOf, findConnection } from './find-connection';
import type { ClientMethod, GeneratedClient } from '../generated';
import type { InstrumentedClient, MeasuredMethod } from './instrumented-client';
import { observeConnection } from './observe-connection';
import type { Protocol } from '../wire';
import { spareStackTrace } from '../stack-traces';

const SITE = 'client connection';

/**
 * Gives a client functions of its own for one method: the caller's method stays the very one that was generated, with
 * the promise or the callback that it has, since generated code sends and receives through these.
 */
export function measureClientMethod(
  client: GeneratedClient,
  instrumented: InstrumentedClient,
  { name, send, receive }: ClientMethod,
): void {
  const method = instrumented.addMethod(name);
  const isOneway = receive === null;
  defineFunction(client, `send_${name}`, send, measuredSend(send, method, instrumented, isOneway));
  if (receive !== null) {
    defineFunction(client, `recv_${name}`, receive, measuredReceive(receive, instrumented));
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
    // Generated code has put the callback there, or what settles the promise, before it sends.
    this._reqs[id] = observeAnswer(call, this._reqs[id], runtime);
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
    // A oneway call's callback runs within and may have made calls itself.
    connection.sending = sending;
  }
}

/** The connection shows itself when the request is written. */
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
  // A connection of another kind does not show itself next time either.
  instrumented.isConnectionSought = false;
  return result;
}

/** What a call gets in place of its callback: it tells the call, and passes everything on. */
function observeAnswer(call: ClientCall, callback: unknown, { faults }: Runtime): Method {
  // Not `...answer`: an array for every call.
  return function () {
    const error: unknown = arguments[0];
    if (error) call.fail(failureOfReply(error, faults));
    else call.succeed();
    if (typeof callback === 'function') return Reflect.apply(callback, undefined, arguments);
    // What is no function fails as it would have; where there is nothing, nothing would have been called.
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
      // Behind the input and the message type. Connections give replies the negative id of their call.
      const id = -(arguments[2] as number);
      instrumented.connection?.keepUndecoded(instrumented, id, error);
      throw error;
    }
  };
}
