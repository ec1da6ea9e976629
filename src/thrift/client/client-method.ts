import { CallDetails } from '../../recording/call';
import type { Method } from '../../recording/wrap';
import type { Runtime } from '../../runtime/runtime';
import { alwaysNamesCaller, sendWithContext } from './context-writer';
import { measureReply, publish } from './client-message';
import { ClientCall } from './client-call';
import { failureOfRequest } from './client-failure';
import type { ClientConnection } from './connection';
import { connectionPrototypesOf, findConnection } from './connection-lookup';
import { observeConnection } from './connection-observer';
import type { GeneratedClient } from '../generated';
import type { InstrumentedClient } from './instrumented-client';
import { spareStackTrace } from '../stack-traces';
import type { Protocol } from '../wire';

const SITE = 'client connection';

// oxlint-disable-next-line typescript/unbound-method -- called with `arguments` as its receiver
const { slice } = Array.prototype;

/** Marks an instrumented client. Registered, so that every copy of this package with the same layout number sees it. */
export const INSTRUMENTED: unique symbol = Symbol.for('thrift-metrics.client.1');

/** A generated client that may be instrumented. */
export type MeasuredClient = GeneratedClient & { [INSTRUMENTED]?: InstrumentedClient };

/** The key of the call of an observed callback. */
const CALL = Symbol('call');

/** Marks a callback that notes that a reply is passed on. */
const PASSES_ON = Symbol('passes on');

/** The callback of a call, with what this package knows about it. */
type ObservedCallback = Method & { [CALL]?: ClientCall; [PASSES_ON]?: boolean };

/** Measures the function through which a generated method sends. Clients that are not instrumented run the original. */
export function measuredSend(
  runtime: Runtime,
  send: Method,
  name: string,
  isOneway: boolean,
): Method {
  const { gate, faults } = runtime;
  return function (this: MeasuredClient) {
    const instrumented = this?.[INSTRUMENTED];
    if (instrumented === undefined || !gate.enabled) return Reflect.apply(send, this, arguments);
    if (instrumented.profile.excludes(name)) return Reflect.apply(send, this, arguments);
    const id = this.seqid();
    // A class of the program may override the function and call the generated one, which is measured too.
    if (callOf(this._reqs[id]) !== null) return Reflect.apply(send, this, arguments);
    let call: ClientCall;
    try {
      call = createCall(instrumented, id, name, isOneway, arguments);
    } catch (fault) {
      faults.report('client call', fault);
      return Reflect.apply(send, this, arguments);
    }
    if (runtime.clientCalls.hasSubscribers()) {
      call.published = publish(runtime, instrumented, call, name, isOneway, arguments);
    }
    // Before it sends, generated code has stored the callback here, or the function that settles the promise.
    this._reqs[id] = observeCallback(call, this._reqs[id], instrumented);
    instrumented.checkOutput(this.output);
    const { published } = call;
    // A call that is published already has been given its context.
    const isNamed = alwaysNamesCaller(runtime) && !runtime.clientCalls.hasSubscribers();
    if (published === null && !isNamed) {
      return sendRequest(runtime, instrumented, call, send, isOneway, this, arguments);
    }
    const args = slice.call(arguments);
    if (published === null) {
      return sendWithContext(runtime, this, instrumented, null, () =>
        sendRequest(runtime, instrumented, call, send, isOneway, this, args),
      );
    }
    return published.run(() =>
      sendWithContext(runtime, this, instrumented, published.message, () =>
        sendRequest(runtime, instrumented, call, send, isOneway, this, args),
      ),
    );
  };
}

function sendRequest(
  runtime: Runtime,
  instrumented: InstrumentedClient,
  call: ClientCall,
  send: Method,
  isOneway: boolean,
  client: GeneratedClient,
  args: ArrayLike<unknown>,
): unknown {
  let result: unknown;
  try {
    const { connection } = instrumented;
    if (connection !== null) {
      result = sendOver(connection, instrumented, call, send, client, args);
    } else if (instrumented.isConnectionSought) {
      result = sendAndFind(runtime, instrumented, call, send, client, args);
    } else {
      result = Reflect.apply(send, client, args);
    }
  } catch (error) {
    call.fail(failureOfRequest(error, runtime.faults), error);
    throw error;
  }
  if (isOneway) call.succeed();
  return result;
}

function createCall(
  { profile, functions }: InstrumentedClient,
  id: number,
  name: string,
  isOneway: boolean,
  args: ArrayLike<unknown>,
): ClientCall {
  // The arguments are only copied for functions that may read them.
  const observed = functions && {
    labels: functions.labels,
    // A oneway call has no result that could count as failed.
    failed: isOneway ? null : functions.failed,
    details: new CallDetails(slice.call(args), name, profile.service),
  };
  return new ClientCall(profile, id, profile.method(name), observed);
}

function sendOver(
  connection: ClientConnection,
  instrumented: InstrumentedClient,
  call: ClientCall,
  send: Method,
  client: GeneratedClient,
  args: ArrayLike<unknown>,
): unknown {
  const { sending } = connection;
  connection.sending = call;
  try {
    const result: unknown = Reflect.apply(send, client, args);
    // The client does not write to this connection, or no longer does.
    if (connection.sending === call) instrumented.forgetConnection();
    return result;
  } finally {
    // The callback of a oneway call runs during `send` and may have made calls itself.
    connection.sending = sending;
  }
}

/** Finds the connection of the client when the request is written. */
function sendAndFind(
  runtime: Runtime,
  instrumented: InstrumentedClient,
  call: ClientCall,
  send: Method,
  client: GeneratedClient,
  args: ArrayLike<unknown>,
): unknown {
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

/** Calls the callback that generated code has stored. */
function passOn(callback: unknown, args: ArrayLike<unknown>): unknown {
  if (typeof callback === 'function') return Reflect.apply(callback, undefined, args);
  // As without metrics, generated code calls anything truthy: a value that is not a function throws.
  if (callback) (callback as Method)();
  return undefined;
}

/** Wraps the callback of a call. */
function observeCallback(
  call: ClientCall,
  callback: unknown,
  instrumented: InstrumentedClient,
): Method {
  // `arguments` instead of rest parameters, which create an array for every call.
  const observed: ObservedCallback = function () {
    if (instrumented.passedOn === call.id) call.hasReply = true;
    const { published } = call;
    if (published === null) {
      call.answer(arguments[0], arguments[1]);
      return passOn(callback, arguments);
    }
    const args = slice.call(arguments);
    return published.callBack(
      () => call.answer(args[0], args[1]),
      () => passOn(callback, args),
    );
  };
  observed[CALL] = call;
  return observed;
}

/** Measures the function through which a generated method receives. */
export function measuredReceive(runtime: Runtime, receive: Method): Method {
  const { faults } = runtime;
  return function (this: MeasuredClient) {
    const instrumented = this?.[INSTRUMENTED];
    if (instrumented === undefined) return Reflect.apply(receive, this, arguments);
    const id = Math.abs(arguments[2] as number);
    let call: ClientCall | null = null;
    try {
      spareStackTrace(arguments[0] as Protocol);
      call = takeReply(this, instrumented, id);
      if (call !== null && call.published !== null) {
        measureReply(call, this, arguments[2] as number, (arguments[0] as Protocol).trans);
      }
    } catch (fault) {
      faults.report(SITE, fault);
    }
    try {
      return Reflect.apply(receive, this, arguments) as unknown;
    } catch (error) {
      // The rest of the reply may not have arrived yet.
      if (call === null) instrumented.connection?.keepUndecoded(instrumented.profile, id, error);
      else {
        call.hasReply = false;
        call.undecoded = error;
      }
      throw error;
    }
  };
}

/** Notes that the reply to a call is being read. Returns the call, or null if the program has wrapped its callback. */
function takeReply(
  client: GeneratedClient,
  instrumented: InstrumentedClient,
  id: number,
): ClientCall | null {
  const waiting = client._reqs[id];
  const call = callOf(waiting);
  if (call !== null) call.hasReply = true;
  else if (typeof waiting === 'function') {
    client._reqs[id] = passReplyOn(waiting as ObservedCallback, instrumented, id);
  }
  return call;
}

/** Notes for a callback that the program has wrapped that it is called because of a reply. */
function passReplyOn(
  callback: ObservedCallback,
  instrumented: InstrumentedClient,
  id: number,
): Method {
  // If the reply arrives in several packets, the callback is wrapped already.
  if (callback[PASSES_ON] === true) return callback;
  const passing: ObservedCallback = function () {
    const { passedOn } = instrumented;
    instrumented.passedOn = id;
    try {
      return Reflect.apply(callback, this, arguments) as unknown;
    } finally {
      instrumented.passedOn = passedOn;
    }
  };
  passing[PASSES_ON] = true;
  return passing;
}

/** The call of a callback, or null. The callback may be one of the program. */
function callOf(callback: unknown): ClientCall | null {
  if (typeof callback !== 'function') return null;
  try {
    return (callback as ObservedCallback)[CALL] ?? null;
  } catch {
    return null;
  }
}
