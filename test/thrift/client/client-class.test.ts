import { register } from 'prom-client';
import { expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import type { Service } from '../../support/start-thrift';
import { valueOf } from '../../support/value-of';
import { countsOf, failedWith, SUCCEEDED } from './client-counts';
import { Answers, Library, loadLibraryAgain, Shelf, type AnyClient } from './library';
import { Loopback } from './loopback';
import { clientOf } from './transports';

type ClientClass = new (output: object, protocol: object) => AnyClient;

const APPLICATION_ERROR = failedWith('application TApplicationException');

let clients = 0;
const nextName = (): string => `class-${clients++}`;

/** A client of a service and its connection, neither of them instrumented. */
function start(service: Service, Client: object = service): [AnyClient, Loopback] {
  const connection = new Loopback(service);
  return [clientOf(connection, Client), connection];
}

/** Makes a call that the service refuses. How it is counted shows whether sending and receiving are measured. */
async function divideByZero(client: AnyClient): Promise<void> {
  await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
}

/** Copies a client to an object with another prototype, with all functions of its class. */
function copyOf(client: AnyClient, prototype: object | null): AnyClient {
  const copy = Object.create(prototype) as AnyClient;
  for (
    let holder: object = client;
    holder !== Object.prototype;
    holder = Object.getPrototypeOf(holder) as object
  ) {
    for (const key of Object.getOwnPropertyNames(holder)) {
      if (!Object.hasOwn(copy, key)) copy[key] = client[key] as () => unknown;
    }
  }
  return copy;
}

test.each([
  ['Object.prototype', Object.prototype],
  ['no prototype', null],
])(
  'clients that are plain objects with %s count under their own services',
  async (_, prototype) => {
    const name = nextName();
    for (const service of [Library, Shelf]) {
      const [original, connection] = start(service);
      const client = (connection.client = copyOf(original, prototype));
      instrumentClient(client, { name, connection });
      // oxlint-disable-next-line no-await-in-loop -- one client after the other
      await expect(client['find']?.(7)).rejects.toMatchObject({ id: 7 });
    }
    expect(await countsOf(name, 'find', 'Library')).toEqual(failedWith('declared Missing'));
    expect(await countsOf(name, 'find', 'Shelf')).toEqual(failedWith('declared Missing'));
  },
);

test.each(['send_divide', 'recv_divide'])(
  'a call is measured through a function %s that the program has put on the client',
  async (key) => {
    const name = nextName();
    const [client, connection] = start(loadLibraryAgain());
    const original = client[key] as () => unknown;
    const calls: string[] = [];
    client[key] = function (...args) {
      calls.push(key);
      return Reflect.apply(original, this, args);
    };
    instrumentClient(client, { name, connection });
    // The functions of its other methods stay on the class.
    expect(Object.hasOwn(client, 'send_twice')).toBe(false);
    await divideByZero(client);
    expect(calls).toEqual([key]);
    expect(await countsOf(name, 'divide')).toEqual(APPLICATION_ERROR);
  },
);

test('a method that only the client has gets series at 0, and its calls are measured', async () => {
  const name = nextName();
  const library = loadLibraryAgain();
  const connection = new Loopback(library);
  const client = clientOf(connection, Shelf);
  const { prototype } = library.Client as { prototype: AnyClient };
  for (const key of ['twice', 'send_twice', 'recv_twice']) {
    client[key] = prototype[key] as () => unknown;
  }
  instrumentClient(client, { name, connection, failed: ({ result }) => result > 40 });
  expect(await countsOf(name, 'twice', 'Shelf')).toEqual({
    ...SUCCEEDED,
    requests: 0,
    succeeded: 0,
  });
  const failedResults = await valueOf(register, 'thrift_client_errors_total', {
    thrift_client_name: name,
    thrift_method: 'twice',
    thrift_exception_kind: 'result',
  });
  expect(failedResults).toBe(0);
  expect(await client['twice']?.(21)).toBe(42);
  expect(await countsOf(name, 'twice', 'Shelf')).toEqual(failedWith('result result'));
});

test('a class whose send function is an accessor is measured', async () => {
  const name = nextName();
  const library = loadLibraryAgain();
  class Lazy extends (library.Client as ClientClass) {
    get send_divide(): () => unknown {
      return (library.Client as { prototype: AnyClient }).prototype['send_divide'] as () => unknown;
    }
  }
  const [client, connection] = start(library, Lazy);
  instrumentClient(client, { name, connection });
  await divideByZero(client);
  expect(await countsOf(name, 'divide')).toEqual(APPLICATION_ERROR);
});

test('a client is measured although its class and the one it extends are frozen', async () => {
  const name = nextName();
  const library = loadLibraryAgain();
  const { prototype } = library.Client as { prototype: object };
  for (const holder of [prototype, Object.getPrototypeOf(prototype) as object]) {
    Object.freeze(holder);
  }
  const [client, connection] = start(library);
  const keys = Object.keys(client);
  instrumentClient(client, { name, connection });
  expect(Object.keys(client)).toEqual(keys);
  await divideByZero(client);
  await client['note']?.('text');
  expect(await countsOf(name, 'divide')).toEqual(APPLICATION_ERROR);
  expect(await countsOf(name, 'note')).toEqual(SUCCEEDED);
});

test('a class is measured although the send functions of the one it extends are frozen', async () => {
  const name = nextName();
  const library = loadLibraryAgain();
  const { prototype } = library.Client as { prototype: object };
  Object.defineProperty(prototype, 'send_divide', { writable: false, configurable: false });
  const [client, connection] = start(library);
  instrumentClient(client, { name, connection });
  await divideByZero(client);
  expect(await countsOf(name, 'divide')).toEqual(APPLICATION_ERROR);
});

test('a class is measured although its receive functions are frozen', async () => {
  const name = nextName();
  const library = loadLibraryAgain();
  const { prototype } = library.Client as { prototype: object };
  Object.defineProperty(prototype, 'recv_divide', { writable: false, configurable: false });
  const [client, connection] = start(library);
  instrumentClient(client, { name, connection });
  await divideByZero(client);
  expect(await countsOf(name, 'divide')).toEqual(APPLICATION_ERROR);
});

test('a class that extends a measured one uses its functions as they are', async () => {
  const name = nextName();
  const library = loadLibraryAgain();
  const Client = library.Client as ClientClass;
  instrumentClient(start(library)[0], { name: nextName() });
  const { send_divide: send, recv_divide: receive } = Client.prototype as AnyClient;
  class Billing extends Client {}
  const [client, connection] = start(library, Billing);
  const keys = Object.getOwnPropertyNames(client);
  instrumentClient(client, { name, connection });
  expect(Object.getOwnPropertyNames(client)).toEqual(keys);
  expect(Client.prototype['send_divide']).toBe(send);
  expect(Client.prototype['recv_divide']).toBe(receive);
  await divideByZero(client);
  expect(await countsOf(name, 'divide')).toEqual(APPLICATION_ERROR);
});

test('a method without a reply ends when it is sent, also if its class is frozen', async () => {
  const name = nextName();
  const library = loadLibraryAgain();
  Object.freeze((library.Client as { prototype: object }).prototype);
  const connection = new Loopback(library, new Answers());
  const client = instrumentClient(clientOf(connection, library), { name, connection });
  void client['clamp']?.(1, 2, 3);
  await client['note']?.('text');
  expect(await countsOf(name, 'note')).toEqual(SUCCEEDED);
  expect(await countsOf(name, 'clamp')).toMatchObject({ requests: 1, active: 1, succeeded: 0 });
});
