import { types } from 'node:util';

import { nanosecondsBetween, now, UNTIMED } from '../metrics/clock';
import { SLOW } from '../metrics/latency-class';
import { CallDetails, type Outcome } from './call';
import { observeCallback } from './callback';
import { withoutCallback } from './call-message';
import type { Gauge } from './cells';
import type { Plan } from './plan';
import { isThenable, watch } from './promise';
import {
  arrive,
  endOf,
  inFlightOf,
  recordError,
  Recording,
  recordResult,
  recordReturn,
  requestsOf,
  rowOnArrival,
  spentBefore,
} from './recording';

// oxlint-disable-next-line typescript/unbound-method -- called with `arguments` as its receiver
const { slice } = Array.prototype;

// oxlint-disable-next-line typescript/no-explicit-any -- any method is accepted
export type Method = (this: any, ...args: any[]) => any;

/**
 * Wraps a method so that its calls are recorded as the plan says. The wrapper has the length, name, properties and prototype
 * of `likeness`, which is the method or an earlier wrapper of it, and is constructible if the method is.
 *
 * @param needsCall chooses the variant that is fast if something depends on the call. Each variant is right for any plan.
 */
export function wrap(
  method: Method,
  plan: Plan,
  needsCall: boolean,
  likeness: Method = method,
): Method {
  const measured = measure(method, plan, needsCall);
  const wrapper = isConstructible(method) ? constructible(method, measured) : measured;
  for (const key of Reflect.ownKeys(likeness)) {
    const property = Reflect.getOwnPropertyDescriptor(likeness, key) as PropertyDescriptor;
    Reflect.defineProperty(wrapper, key, property);
  }
  Object.setPrototypeOf(wrapper, Object.getPrototypeOf(likeness) as object | null);
  return wrapper;
}

// The stack can overflow at every call, also at those of this package. So a wrapper subtracts what it has added to the gauge
// in the same function, and without a call: after the method, or else in the `catch` around everything after the addition.
// An overflow after the method has returned does not reach the caller.

// All wrappers that come from one function literal share what V8 learns about it. So there is a literal for each way of
// returning: in a service with methods of both kinds, one for both costs 3 ns per call. Each is the method of an object
// literal, which has neither `prototype` nor [[Construct]], like the method of a class. Its body must not be shared with
// another function and must not copy `arguments`: only then does V8 pass them on without creating an object (85 instead of
// 105 ns per call, and 3 instead of 15 ns when disabled). CPU profiles show the name of the literal, followed by the
// method's own; stack traces show the method's name for both.

/** Wraps a method like {@link wrap}, without its length, name and properties. */
export function measure(method: Method, plan: Plan, needsCall: boolean): Method {
  if (needsCall) return measureWithCall(method, plan);
  return returnsNewPromise(method) ? measureAsync(method, plan) : measureAny(method, plan);
}

/** For any method whose metrics do not depend on the call. */
function measureAny(method: Method, plan: Plan): Method {
  const { gate } = plan;
  const wrapper: { measured: Method } = {
    measured() {
      if (!gate.enabled) return Reflect.apply(method, this, arguments);
      if (
        !plan.isPlain ||
        gate.calls.isWatched() ||
        (arguments.length > 0 && typeof arguments[arguments.length - 1] === 'function')
      ) {
        return runObserved(method, plan, this, slice.call(arguments));
      }
      const { inFlight } = plan;
      const { generation } = inFlight;
      let start = UNTIMED;
      let spent = 0;
      let result: unknown;
      let hasReturned = false;
      let call: Recording | null = null;
      plan.requests.value++;
      inFlight.value++;
      try {
        if (plan.timed) {
          spent = spentBefore(plan);
          start = now();
        }
        result = Reflect.apply(method, this, arguments);
        hasReturned = true;
        if (isThenable(result)) {
          if (plan.loop !== null) recordReturn(plan, start, spent);
          call = new Recording(plan, null, null, inFlight, generation, start);
          result = watch(result, call, plan.settlements);
          call.wait();
          return result;
        }
        if (start !== UNTIMED) {
          const end = now();
          const nanoseconds = nanosecondsBetween(start, end);
          if (plan.loop !== null) plan.loop.record(nanoseconds, end[0], spent);
          plan.succeeded.observe(nanoseconds / 1e9);
          if (nanoseconds >= SLOW && plan.kept !== null) plan.kept.keepSlow(start, end, null);
        }
      } catch (error) {
        if (call === null || !call.settled) {
          if (call !== null) call.settled = true;
          if (inFlight.generation === generation) inFlight.value--;
        }
        if (hasReturned) return result;
        try {
          recordError(plan, null, null, start, recordReturn(plan, start, spent), error);
        } catch {
          // The stack has overflowed again. The caller gets its own error.
        }
        throw error;
      }
      if (inFlight.generation === generation) inFlight.value--;
      return result;
    },
  };
  return wrapper.measured;
}

/** For async functions whose metrics do not depend on the call. */
function measureAsync(method: Method, plan: Plan): Method {
  const { gate } = plan;
  const wrapper: { measured: Method } = {
    measured() {
      if (!gate.enabled) return Reflect.apply(method, this, arguments);
      if (
        !plan.isPlain ||
        gate.calls.isWatched() ||
        (arguments.length > 0 && typeof arguments[arguments.length - 1] === 'function')
      ) {
        return runObserved(method, plan, this, slice.call(arguments));
      }
      const { inFlight } = plan;
      const { generation } = inFlight;
      let start = UNTIMED;
      let spent = 0;
      let promise: Promise<unknown> | null = null;
      plan.requests.value++;
      inFlight.value++;
      try {
        if (plan.timed) {
          spent = spentBefore(plan);
          start = now();
        }
        promise = Reflect.apply(method, this, arguments) as Promise<unknown>;
        if (plan.loop !== null) recordReturn(plan, start, spent);
        return settleLater(promise, plan, inFlight, generation, start);
      } catch (error) {
        // An async function only throws if the stack overflows.
        if (inFlight.generation === generation) inFlight.value--;
        if (promise !== null) return promise;
        try {
          recordError(plan, null, null, start, recordReturn(plan, start, spent), error);
        } catch {
          // The stack has overflowed again. The caller gets its own error.
        }
        throw error;
      }
    },
  };
  return wrapper.measured;
}

/** For methods whose metrics depend on the call. Label functions get an array of their own, which they may change. */
function measureWithCall(method: Method, plan: Plan): Method {
  const { gate } = plan;
  const isAsync = returnsNewPromise(method);
  const wrapper: { measured: Method } = {
    measured(...args) {
      if (!gate.enabled) return Reflect.apply(method, this, arguments);
      if (
        !plan.ready ||
        gate.calls.isWatched() ||
        (args.length > 0 && typeof args[args.length - 1] === 'function')
      ) {
        return runObserved(method, plan, this, args);
      }
      const call = new CallDetails(args, plan.method, plan.service);
      const row = rowOnArrival(plan, call);
      const inFlight = inFlightOf(plan, call, row);
      const { generation } = inFlight;
      let start = UNTIMED;
      let end = UNTIMED;
      let spent = 0;
      let result: unknown;
      let hasReturned = false;
      let recording: Recording | null = null;
      requestsOf(plan, row).value++;
      inFlight.value++;
      try {
        if (plan.timed) {
          spent = spentBefore(plan);
          start = now();
        }
        result = Reflect.apply(method, this, arguments);
        hasReturned = true;
        if (isAsync || isThenable(result)) {
          if (plan.loop !== null) recordReturn(plan, start, spent);
          recording = new Recording(plan, call, row, inFlight, generation, start);
          result = isAsync
            ? settleRecorded(result as Promise<unknown>, recording)
            : watch(result as PromiseLike<unknown> & object, recording, plan.settlements);
          recording.wait();
          return result;
        }
        end = recordReturn(plan, start, spent);
      } catch (error) {
        if (recording === null || !recording.settled) {
          if (recording !== null) recording.settled = true;
          if (inFlight.generation === generation) inFlight.value--;
        }
        if (hasReturned) return result;
        try {
          recordError(plan, call, row, start, recordReturn(plan, start, spent), error);
        } catch {
          // The stack has overflowed again. The caller gets its own error.
        }
        throw error;
      }
      if (inFlight.generation === generation) inFlight.value--;
      try {
        recordResult(plan, call, row, start, end, result);
      } catch {
        // The stack has overflowed, which the method itself has not met.
      }
      return result;
    },
  };
  return wrapper.measured;
}

/** An async function returns a promise that nothing else has yet, so a plain reaction is enough to observe it. */
function returnsNewPromise(method: Method): boolean {
  return types.isAsyncFunction(method) && !types.isGeneratorFunction(method);
}

/** Separate from the wrapper, where closures would cost every call a context for the variables that they share. */
function settleLater(
  promise: Promise<unknown>,
  plan: Plan,
  inFlight: Gauge,
  generation: number,
  start: [number, number],
): Promise<unknown> {
  const { active, kept } = plan;
  const served = kept === null ? null : kept.incoming();
  const slot = active === null ? -1 : active.enter(start, served);
  try {
    return promise.then(
      (value) => {
        const reference = active === null ? served : active.leave(slot);
        leave(inFlight, generation);
        if (start !== UNTIMED) {
          const end = now();
          const nanoseconds = nanosecondsBetween(start, end);
          plan.succeeded.observe(nanoseconds / 1e9);
          if (nanoseconds >= SLOW && kept !== null) kept.keepSlow(start, end, reference);
        }
        return value;
      },
      (error: unknown) => {
        const reference = active === null ? served : active.leave(slot);
        leave(inFlight, generation);
        recordError(plan, null, null, start, endOf(start), error, reference);
        throw error;
      },
    );
  } catch (overflow) {
    // The wrapper returns the promise as it is, and takes the call off the gauge.
    if (active !== null) active.leave(slot);
    throw overflow;
  }
}

function settleRecorded(promise: Promise<unknown>, call: Recording): Promise<unknown> {
  return promise.then(
    (value) => {
      call.succeed(value);
      return value;
    },
    (error: unknown) => {
      call.fail(error);
      throw error;
    },
  );
}

function leave(inFlight: Gauge, generation: number): void {
  if (inFlight.generation === generation) inFlight.value--;
}

function constructible(method: Method, measured: Method): Method {
  return function wrapper() {
    if (new.target === undefined) return Reflect.apply(measured, this, arguments);
    return Reflect.construct(method, arguments, new.target === wrapper ? method : new.target);
  };
}

/**
 * The general case: callbacks, calls whose events are published or whose caller is known, calls whose arguments are kept, and
 * calls of a plan that is not ready. `args` belongs to this call alone.
 */
function runObserved(method: Method, plan: Plan, self: unknown, args: unknown[]): unknown {
  if (!plan.ready && !plan.prepare(self)) return Reflect.apply(method, self, args);
  const { calls } = plan.gate;
  const failures = calls.takeFailures(plan.method);
  const published = calls.hasSubscribers()
    ? calls.open(plan.service, plan.method, self, args)
    : null;
  // Label functions get a copy, because they may change it and the method must not see that.
  const call = arrive(plan, plan.needsCall ? args.slice() : args);
  call.failures = failures;
  if (calls.keepsArguments) call.args = withoutCallback(args);
  // After the label functions that `arrive` calls, because these may call measured methods.
  const spent = spentBefore(plan);
  if (published === null) return observe(method, plan, self, args, call, spent);
  call.published = published;
  try {
    return published.run(() => observe(method, plan, self, args, call, spent));
  } catch (error) {
    // The stack may have overflowed before the method was called.
    if (!call.settled) {
      call.settled = true;
      if (call.inFlight.generation === call.generation) call.inFlight.value--;
    }
    throw error;
  }
}

function observe(
  method: Method,
  plan: Plan,
  self: unknown,
  args: unknown[],
  call: Recording,
  spent: number,
): unknown {
  let result: unknown;
  let hasReturned = false;
  try {
    const callback = args[args.length - 1];
    const isCallback = typeof callback === 'function';
    // In place, because a copy by `with` takes 300 ns.
    if (isCallback)
      args[args.length - 1] = observeCallback(callback as Method, call, call.published);
    result = Reflect.apply(method, self, args);
    hasReturned = true;
    const end = call.returned(spent);
    if (isThenable(result)) {
      if (call.settled) return result;
      result = watch(result, isCallback ? new FailureOf(call) : call, plan.settlements);
      call.wait();
    } else if (isCallback) call.wait();
    else call.succeed(result, end);
    return result;
  } catch (error) {
    try {
      if (!hasReturned) call.fail(error, call.returned(spent));
    } catch {
      // The stack has overflowed, and the call has left or leaves below.
    }
    if (!call.settled) {
      call.settled = true;
      if (call.inFlight.generation === call.generation) call.inFlight.value--;
    }
    if (hasReturned) return result;
    throw error;
  }
}

/** A promise beside a callback may fail the call. When it is fulfilled, the callback is still to come. */
class FailureOf implements Outcome {
  constructor(private readonly call: Recording) {}

  succeed(): void {}

  fail(error: unknown): void {
    this.call.fail(error);
  }
}

/** Whether a function can be called with `new`. Does not call it. */
export function isConstructible(method: Method): boolean {
  try {
    // As `newTarget` a function is checked for [[Construct]] without being called.
    Reflect.construct(Object, [], method);
    return true;
  } catch {
    return false;
  }
}
