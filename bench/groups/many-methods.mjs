import { configureMetrics, Instrumented } from 'thrift-metrics';

import {
  AsyncMethods,
  callAsyncMethods,
  callSyncMethods,
  METHODS,
  SyncMethods,
} from '../many-methods.mjs';
import { compare, report } from '../measure.mjs';

const hrtime = process.hrtime;
// A typed array, because adding to a variable of the module allocates a number per call.
const seconds = new Float64Array(1);

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

/** The least that any wrapper of a sync method does: it calls the method between two clock readings. */
function readClock(method) {
  const wrapper = {
    timed() {
      const start = hrtime();
      const result = Reflect.apply(method, this, arguments);
      const end = hrtime();
      seconds[0] += end[0] - start[0] + (end[1] - start[1]) / 1e9;
      return result;
    },
  };
  return wrapper.timed;
}

/** The least that any wrapper of an async method does. */
function readClockLater(method) {
  const wrapper = {
    timed() {
      const start = hrtime();
      return observe(Reflect.apply(method, this, arguments), start);
    },
  };
  return wrapper.timed;
}

function observe(promise, start) {
  return promise.then(
    (value) => {
      const end = hrtime();
      seconds[0] += end[0] - start[0] + (end[1] - start[1]) / 1e9;
      return value;
    },
    (error) => {
      throw error;
    },
  );
}

/** The least that any wrapper does when metrics are disabled. */
function passOn(method) {
  const wrapper = {
    passed() {
      return Reflect.apply(method, this, arguments);
    },
  };
  return wrapper.passed;
}

const bareSync = new SyncMethods();
const bareAsync = new AsyncMethods();
const timedSync = handlerOf(SyncMethods, readClock).handler;
const timedAsync = handlerOf(AsyncMethods, readClockLater).handler;
const passedSync = handlerOf(SyncMethods, passOn).handler;
const sync = instrumentedHandler(SyncMethods);
const asynchronous = instrumentedHandler(AsyncMethods);

const perCall = (values) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value / METHODS]));

/** Calls all async methods and lets their promises settle. */
async function settle(handler) {
  callAsyncMethods(handler);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
}

const enabled = await compare({
  clock: () => {
    for (let i = 0; i < METHODS; i++) {
      const start = hrtime();
      const end = hrtime();
      seconds[0] += end[0] - start[0] + (end[1] - start[1]) / 1e9;
    }
  },
  bareSync: () => callSyncMethods(bareSync),
  timedSync: () => callSyncMethods(timedSync),
  sync: () => callSyncMethods(sync),
  bareAsync: () => settle(bareAsync),
  timedAsync: () => settle(timedAsync),
  async: () => settle(asynchronous),
});

configureMetrics({ enabled: false });
const disabled = await compare({
  disabledBare: () => callSyncMethods(bareSync),
  disabledPassed: () => callSyncMethods(passedSync),
  disabled: () => callSyncMethods(sync),
});

if (seconds[0] === 0) throw new Error('no call was timed');
report(perCall({ ...enabled, ...disabled }));
