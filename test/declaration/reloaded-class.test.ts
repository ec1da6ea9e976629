import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { register, Registry } from 'prom-client';
import { expect, test, vi } from 'vitest';

import { configureMetrics, Instrumented } from '../../src/index';
import { declarationsOf } from '../../src/declaration/declarations';
import { currentRuntime } from '../../src/runtime/runtime';
import { valueOf } from '../support/value-of';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Declares a class of this name again, as a reloaded module does. */
function declare(): new () => { wait(until: Promise<void>): Promise<void> } {
  @Instrumented({ service: 'Reloaded' })
  class ReloadedHandler {
    async wait(until: Promise<void>): Promise<void> {
      await until;
    }
  }
  return ReloadedHandler;
}

/** Declares a class whose label depends on the call, and calls it. */
async function declareAndCall(region: string): Promise<WeakRef<object>> {
  @Instrumented({ service: 'Regions', labels: { region: ({ args }) => String(args[0]) } })
  class RegionsHandler {
    async get(_region: string, until: Promise<void>): Promise<void> {
      await until;
    }
  }
  const handler = new RegionsHandler();
  await handler.get(region, Promise.resolve());
  await handler.get(region, Promise.reject(new Error('meant to fail'))).catch(() => {});
  return new WeakRef(RegionsHandler);
}

function callsInProgress(): WeakRef<object> {
  const method = [...declarationsOf(currentRuntime()).methods.values()].find(
    ({ plan }) => plan.service === 'Reloaded',
  );
  return new WeakRef(method!.plan.active!);
}

/** `deref` keeps its target alive until the end of the turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('reloading a class leaves nothing of the old class in memory', async () => {
  // The first class stays in memory, as the location where the series were declared.
  declare();
  declare();
  const old = callsInProgress();
  declare();
  await turn();
  collect();
  expect(old.deref()).toBeUndefined();
});

test('a class whose calls have created series leaves memory when it is reloaded', async () => {
  // The first class stays, because its series were declared there. The last one is in use.
  await declareAndCall('eu');
  const others = [await declareAndCall('eu'), await declareAndCall('us')];
  await declareAndCall('eu');
  await turn();
  collect();
  expect(others.map((other) => other.deref())).toEqual([undefined, undefined]);
});

test('a call of a class that was reloaded reports a cleared registry and puts the metrics back', async () => {
  const onError = vi.fn<(error: unknown) => void>();
  const registry = new Registry();
  configureMetrics({ registry, onError });
  const Old = declare();
  declare();
  registry.clear();
  await new Old().wait(Promise.resolve());
  expect(onError.mock.calls).toEqual([
    [expect.objectContaining({ code: 'TM_ERR_REGISTRY_CLEARED' }), 'registry'],
  ]);
  expect(await registry.metrics()).toContain('thrift_service="Reloaded"');
  configureMetrics({ registry: register });
});

test('a call in progress keeps its age when its class is reloaded', async () => {
  const { promise, release } = pending();
  const call = new (declare())().wait(promise);
  declare();
  await turn();
  collect();
  const labels = { thrift_service: 'Reloaded', thrift_method: 'wait' };
  const age = () => valueOf(register, 'thrift_server_oldest_active_request_seconds', labels);
  expect(await age()).toBeGreaterThan(0);
  release();
  await call;
  expect(await age()).toBe(0);
});

function pending(): { promise: Promise<void>; release: () => void } {
  let release: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { promise, release };
}
