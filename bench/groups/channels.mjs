// Measures the tracing channels: what asking for subscribers costs a call, and what one subscriber costs.
import { tracingChannel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

import { Instrumented, instrumentClient } from 'thrift-metrics';

import {
  AsyncMethods,
  callAsyncMethods,
  callSyncMethods,
  METHODS,
  SyncMethods,
} from '../many-methods.mjs';
import { compare, report } from '../measure.mjs';

const require = createRequire(import.meta.url);
const thrift = require('thrift');
const Calculator = require('../../examples/calculator/gen-nodejs/Calculator.js');

const server = tracingChannel('thrift.server.call');
const client = tracingChannel('thrift.client.call');

/** Creates a handler whose class has the methods of another class, each wrapped. */
function handlerOf(Methods, wrap) {
  class Handler extends Methods {}
  const { prototype } = Methods;
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key === 'constructor') continue;
    const property = Object.getOwnPropertyDescriptor(prototype, key);
    Object.defineProperty(Handler.prototype, key, { ...property, value: wrap(property.value) });
  }
  return { Handler, handler: new Handler() };
}

function instrumentedHandler(Methods) {
  const { Handler, handler } = handlerOf(Methods, (method) => method);
  Instrumented(Handler);
  return handler;
}

const gate = { enabled: true, ...channelsOf(server) };

function channelsOf({ start, end, asyncStart, asyncEnd, error }) {
  return { start, end, asyncStart, asyncEnd, error };
}

/** A wrapper that can be switched off, and does nothing else. */
function passOn(method) {
  const wrapper = {
    passed() {
      if (!gate.enabled) throw new Error('disabled');
      return Reflect.apply(method, this, arguments);
    },
  };
  return wrapper.passed;
}

/** The same, and it asks for subscribers as this package does. */
function ask(method) {
  const wrapper = {
    asked() {
      if (!gate.enabled) throw new Error('disabled');
      if (
        gate.start.hasSubscribers ||
        gate.end.hasSubscribers ||
        gate.asyncStart.hasSubscribers ||
        gate.asyncEnd.hasSubscribers ||
        gate.error.hasSubscribers
      ) {
        throw new Error('there are no subscribers');
      }
      return Reflect.apply(method, this, arguments);
    },
  };
  return wrapper.asked;
}

/** A connection that writes nothing. */
const connection = Object.assign(new EventEmitter(), {
  transport: thrift.TFramedTransport,
  protocol: thrift.TBinaryProtocol,
  write() {},
});

const passed = handlerOf(SyncMethods, passOn).handler;
const asked = handlerOf(SyncMethods, ask).handler;
const sync = instrumentedHandler(SyncMethods);
const asynchronous = instrumentedHandler(AsyncMethods);
const bareCalculator = thrift.createClient(Calculator, connection);
const calculator = instrumentClient(thrift.createClient(Calculator, connection), { connection });

/** Calls all async methods and lets their promises settle. */
async function settle(handler) {
  callAsyncMethods(handler);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
}

const perCall = (values) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value / METHODS]));

const silent = await compare({
  passed: () => callSyncMethods(passed),
  asked: () => callSyncMethods(asked),
  sync: () => callSyncMethods(sync),
  async: () => settle(asynchronous),
});
const silentClient = await compare({
  bareClient: () => bareCalculator.zip(),
  client: () => calculator.zip(),
});

let seen = 0;
const subscriber = (message) => {
  if (message.outcome !== undefined) seen++;
};
for (const channel of [server, client])
  channel.subscribe({ end: subscriber, asyncEnd: subscriber });
const heard = await compare({
  syncHeard: () => callSyncMethods(sync),
  asyncHeard: () => settle(asynchronous),
});
const heardClient = await compare({ clientHeard: () => calculator.zip() });

if (seen === 0) throw new Error('no message was published');
report({ ...perCall({ ...silent, ...heard }), ...silentClient, ...heardClient });
