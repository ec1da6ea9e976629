import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { register } from 'prom-client';
import { expect, test } from 'vitest';

import { Instrumented } from '../../src/index';
import { state } from '../../src/runtime/runtime';
import { valueOf } from '../support/value-of';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** As a module that is loaded anew does. */
function declare(): new () => { wait(until: Promise<void>): Promise<void> } {
  @Instrumented({ service: 'Anew' })
  class AnewHandler {
    async wait(until: Promise<void>): Promise<void> {
      await until;
    }
  }
  return AnewHandler;
}

function activeCalls(): WeakRef<object> {
  const method = [...state.methods.values()].find(({ plan }) => plan.service === 'Anew');
  return new WeakRef(method!.plan.active!);
}

/** A reference keeps what it was asked for until the turn is over. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a class that is loaded anew leaves nothing of the old one', async () => {
  // The first is known as where the series were declared.
  declare();
  declare();
  const old = activeCalls();
  declare();
  await turn();
  collect();
  expect(old.deref()).toBeUndefined();
});

test('a call that an old class is working on still has its age', async () => {
  const { promise, release } = pending();
  const call = new (declare())().wait(promise);
  declare();
  await turn();
  collect();
  const labels = { thrift_service: 'Anew', thrift_method: 'wait' };
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
