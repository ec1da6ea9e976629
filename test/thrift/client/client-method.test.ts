import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { configureMetrics, instrumentClient, resetMetrics } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { ClientProfile } from '../../../src/thrift/client/client-profile';
import { published } from '../../signals/published';
import { ACTIVE, countsOf, failedWith, queueOf, SUCCEEDED } from './client-counts';
import {
  Answers,
  Library,
  loadEs5,
  loadLibraryAgain,
  type AnyClient,
  type Answer,
} from './library';
import { Loopback } from './loopback';
import { clientOf, startTcp, thriftLibrary } from './transports';

const es5 = loadEs5();

const onError = vi.fn<(error: unknown, site: string) => void>();
beforeEach(() => {
  // A fault of each site is reported once.
  resetMetrics();
  onError.mockClear();
  configureMetrics({ onError });
});

let clients = 0;
const nextName = (): string => `method-${clients++}`;

type Generated = AnyClient & { _reqs: Record<number, Answer> };

interface Started {
  name: string;
  connection: Loopback;
  client: Generated;
}

function start(service: object = Library): Started {
  const name = nextName();
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, service), { name, connection });
  return { name, connection, client: client as Generated };
}

/** Replaces the callback of a call that was just made, as drivers do. */
function wrapCallback(
  client: Generated,
  id: number,
  wrap: (callback: Answer) => Answer = (callback) => (error, result) => callback(error, result),
): void {
  client._reqs[id] = wrap(client._reqs[id] as Answer);
}

/** The bytes of a reply to `clamp` with the given id. */
function replyTo(id: number, result: number): Buffer {
  const written: Buffer[] = [];
  const { Type, MessageType } = thriftLibrary.Thrift;
  const output = new thriftLibrary.TBinaryProtocol(
    new thriftLibrary.TBufferedTransport(undefined, (data: Buffer) => written.push(data)),
  );
  output.writeMessageBegin('clamp', MessageType.REPLY, id);
  output.writeStructBegin('result');
  output.writeFieldBegin('success', Type.I32, 0);
  output.writeI32(result);
  output.writeFieldEnd();
  output.writeFieldStop();
  output.writeStructEnd();
  output.writeMessageEnd();
  output.flush();
  return Buffer.concat(written);
}

/** A reply to `clamp` that holds a list of elements of a type that does not exist. */
function undecodable(id: number): Buffer {
  const reply = replyTo(id, 0);
  const header = reply.subarray(0, -8);
  return Buffer.concat([header, Buffer.from([15, 0, 0, 99, 0x7f, 0xff, 0xff, 0xff])]);
}

function errorIn(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('generated functions that are called without a client', () => {
  test.each(['send_twice', 'recv_twice'])('%s throws the same error as without metrics', (key) => {
    const { prototype } = loadLibraryAgain().Client as { prototype: AnyClient };
    const bare = prototype[key] as () => void;
    const measured = start().client[key] as () => void;
    const input = new thriftLibrary.TBinaryProtocol(new thriftLibrary.TBufferedTransport());
    const [expected, error] = [bare, measured].map((send) =>
      errorIn(() => Reflect.apply(send, undefined, [input, 1, -1])),
    );
    expect(expected).toBeInstanceOf(TypeError);
    expect((error as Error).message).toBe((expected as Error).message);
  });
});

describe('the connection of a client', () => {
  test('is not sought again where it was not found at the first call', async () => {
    const { prototype } = thriftLibrary.Connection;
    const { write: original } = prototype;
    const connection = new Loopback(Library);
    const replaced: boolean[] = [];
    const write = connection.write.bind(connection);
    connection.write = (request) => {
      replaced.push(prototype.write !== original);
      write(request);
    };
    const client = instrumentClient(clientOf(connection, Library), { name: nextName() });
    await client['ping']?.();
    await client['ping']?.();
    expect(replaced).toEqual([true, false]);
    expect(prototype.write).toBe(original);
  });

  test('is found at the second call if the option names another one', async () => {
    const name = nextName();
    const handler = new Answers();
    const { connect } = await startTcp(Library, handler);
    const connection = connect();
    const wrong = new Loopback(Library);
    const client = instrumentClient(clientOf(connection, Library), { name, connection: wrong });
    await client['ping']?.();
    void client['clamp']?.(1, 2, 3);
    expect(Object.hasOwn(connection, 'emit')).toBe(true);
    connection.emit('timeout');
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
  });

  test('that cannot be extended sends the call, which is measured, and the fault is reported', async () => {
    const name = nextName();
    const { connect } = await startTcp(Library, new Answers());
    const connection = connect();
    const client = instrumentClient(clientOf(connection, Library), { name });
    Object.preventExtensions(connection);
    expect(await client['twice']?.(21)).toBe(42);
    expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
    expect(onError.mock.calls).toEqual([[expect.any(TypeError), 'client connection']]);
  });

  test('takes nothing that the program writes after a call that could not be sent', async () => {
    const name = nextName();
    const { connect } = await startTcp(Library, new Answers());
    const connection = connect();
    const client = instrumentClient(clientOf(connection, Library), { name, connection });
    await expect(client['describe']?.(Symbol('no number'))).rejects.toThrow(TypeError);
    connection.write(Buffer.alloc(0));
    expect(await queueOf(name)).toBe(0);
  });
});

describe('a call without a reply', () => {
  test('leaves calls that its callback makes to their own connection and replies', async () => {
    const { name, client, connection } = start(es5);
    let twice: Promise<unknown> | undefined;
    client['note']?.('text', () => {
      client['clamp']?.(1, 2, 3, () => {});
      twice = client['twice']?.(21) as Promise<unknown>;
    });
    expect(await twice).toBe(42);
    connection.emit('close');
    expect(await countsOf(name, 'note')).toEqual(SUCCEEDED);
    expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
  });
});

describe('a callback of the program', () => {
  test('whose properties cannot be read is called with the reply', async () => {
    const { name, client } = start(es5);
    const answers: unknown[][] = [];
    const callback = new Proxy((...args: unknown[]) => void answers.push(args), {
      get: () => {
        throw new Error('unreadable');
      },
    });
    client['twice']?.(21, callback);
    expect(answers).toEqual([[null, 42]]);
    expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
    expect(onError).not.toHaveBeenCalled();
  });

  test('whose properties cannot be read gets the reply also in place of the callback of a call', async () => {
    const { client, connection } = start();
    void client['clamp']?.(1, 2, 3);
    const answers: unknown[][] = [];
    client._reqs[1] = new Proxy((...args: unknown[]) => void answers.push(args), {
      get: () => {
        throw new Error('unreadable');
      },
    });
    connection.handler.held[0]?.(null, 2);
    expect(answers).toEqual([[null, 2]]);
  });

  test('that wraps the one of a call gets the reply without a fault', async () => {
    const { name, client, connection } = start();
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    wrapCallback(client, 1);
    connection.handler.held[0]?.(null, 2);
    expect(await call).toBe(2);
    expect(await countsOf(name, 'clamp')).toEqual(SUCCEEDED);
    expect(onError).not.toHaveBeenCalled();
  });

  test('that makes another call first still passes on the reply to its own', async () => {
    const { name, client, connection } = start();
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    let inner: Promise<unknown> | undefined;
    wrapCallback(client, 1, (callback) => (error, result) => {
      inner = client['ping']?.() as Promise<unknown>;
      callback(error, result);
    });
    connection.handler.held[0]?.(new Error('refused'));
    await expect(call).rejects.toThrow('refused');
    await inner;
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('application TApplicationException'));
  });

  test('that makes another call with a wrapped callback first still passes on the reply to its own', async () => {
    const { name, client, connection } = start();
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    const second = client['clamp']?.(4, 5, 6) as Promise<number>;
    wrapCallback(client, 2);
    wrapCallback(client, 1, (callback) => (error, result) => {
      connection.handler.held[1]?.(null, 5);
      callback(error, result);
    });
    connection.handler.held[0]?.(new Error('refused'));
    await expect(call).rejects.toThrow('refused');
    expect(await second).toBe(5);
    expect(await countsOf(name, 'clamp')).toEqual({
      requests: 2,
      active: 0,
      succeeded: 1,
      failed: 1,
      errors: { 'application TApplicationException': 1 },
    });
  });

  test('that cannot be replaced gets its reply, and the fault is reported', async () => {
    const { client, connection } = start();
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    wrapCallback(client, 1);
    const fault = new Error('read-only');
    client._reqs = new Proxy(client._reqs, {
      set: () => {
        throw fault;
      },
    });
    connection.handler.held[0]?.(null, 2);
    expect(await call).toBe(2);
    expect(onError.mock.calls).toEqual([[fault, 'client connection']]);
  });
});

test('a reply that no call waits for is not a fault', () => {
  const { connection } = start();
  connection.deliver(replyTo(7, 1));
  expect(onError).not.toHaveBeenCalled();
});

describe('a reply that cannot be decoded', () => {
  test('does not count as a reply, so what the callback gets then is an error of the connection', async () => {
    const { name, client, connection } = start();
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    const callback = client._reqs[1] as Answer;
    expect(() => connection.deliver(replyTo(1, 2).subarray(0, -4))).toThrow();
    callback(Object.assign(new RangeError('reset'), { code: 'ECONNRESET' }));
    await expect(call).rejects.toThrow('reset');
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('transport ECONNRESET'));
  });

  test('throws the same error as without metrics, also for a client without a known connection', () => {
    const messages = [
      (client: AnyClient) => client,
      (client: AnyClient) => instrumentClient(client, { name: nextName() }),
    ].map((way) => {
      const connection = new Loopback(Library);
      const client = way(clientOf(connection, Library)) as Generated;
      void client['clamp']?.(1, 2, 3);
      wrapCallback(client, 1);
      return String(errorIn(() => connection.deliver(undecodable(1))));
    });
    expect(messages[0]).toMatch(/Error/);
    expect(messages[1]).toBe(messages[0]);
  });
});

test('a fault while a call begins is reported, and the call is made', async () => {
  const { name, client } = start();
  const fault = new Error('fault of the metrics');
  const spy = vi.spyOn(ClientProfile.prototype, 'method').mockImplementation(() => {
    throw fault;
  });
  onTestFinished(() => spy.mockRestore());
  expect(await client['twice']?.(21)).toBe(42);
  expect(onError.mock.calls).toEqual([[fault, 'client call']]);
  expect(await countsOf(name, 'twice')).toEqual({ ...ACTIVE, requests: 0, active: 0 });
});

test('a call that nothing traces does not ask its connection for the address', async () => {
  const { client, connection } = start();
  const host = vi.fn(() => 'host');
  Object.defineProperty(connection, 'host', { get: host });
  await client['ping']?.();
  expect(host).not.toHaveBeenCalled();
});

describe('with callers: true', () => {
  beforeEach(() => configureMetrics({ callers: true }));
  // Back to the default, which no option sets.
  afterEach(() => void (currentRuntime().settings.callers = null));

  test.each([
    ['a call that nothing traces', () => {}],
    ['a call that is traced', () => void published('client')],
  ])('the request of %s names its caller once', async (_, trace) => {
    trace();
    const { name, client, connection } = start();
    expect(await client['twice']?.(21)).toBe(42);
    const request = connection.written[0]?.toString('latin1') ?? '';
    expect(request.split(`thrift.caller=${name}`)).toHaveLength(2);
    expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
  });
});

test('a traced call passes on what its callback and the function that sends throw', async () => {
  published('client');
  const { name, client } = start(es5);
  const thrown = new Error('thrown by the callback');
  expect(() =>
    client['note']?.('text', () => {
      throw thrown;
    }),
  ).toThrow(thrown);
  expect(() => client['describe']?.(Symbol('no number'), () => {})).toThrow(TypeError);
  expect(await countsOf(name, 'note')).toMatchObject({ requests: 1, active: 0 });
  expect(await countsOf(name, 'describe')).toEqual(failedWith('application TypeError'));
});
