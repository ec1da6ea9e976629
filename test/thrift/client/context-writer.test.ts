import { Registry } from 'prom-client';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { CallContexts } from '../../../src/recording/call-channel';
import type { CallMessage } from '../../../src/recording/call-message';
import { Runtime } from '../../../src/runtime/runtime';
import { sendWithContext } from '../../../src/thrift/client/context-writer';
import type { InstrumentedClient } from '../../../src/thrift/client/instrumented-client';
import { thrift } from '../../support/start-thrift';
import { Library, type AnyClient } from './library';
import { clientOf, thriftLibrary } from './transports';

type Entries = readonly (readonly [name: string, value: string])[];
type Sending = AnyClient & { pClass: unknown };

const MESSAGE = {} as CallMessage;
const { Type } = thrift.Thrift;

const onError = vi.fn<(error: unknown, site: string) => void>();
beforeEach(() => onError.mockClear());

/** A runtime whose requests carry these entries. */
function runtimeWith(
  entries: Entries,
  callers: boolean | null = false,
  propagation: CallContexts['propagation'] = 'field',
): Runtime {
  const runtime = new Runtime();
  Object.assign(runtime.settings, { registry: new Registry(), callers, onError });
  runtime.clientCalls.contexts = { propagation, carried: () => entries } as unknown as CallContexts;
  return runtime;
}

const named = (name: string): InstrumentedClient =>
  ({ isNamed: true, profile: { name, service: 'Library' } }) as InstrumentedClient;
const unnamed = { isNamed: false, profile: { service: 'Library' } } as InstrumentedClient;

/** A client that only writes. `write` runs for each request. */
function writing(write: (request: Buffer) => void): Sending {
  const { TBufferedTransport: transport, TBinaryProtocol: protocol } = thriftLibrary;
  return clientOf({ transport, protocol, write } as never, Library) as Sending;
}

/** Reads the ids of the fields of a request's arguments, and the context among them. */
function read(request: Buffer): { fields: number[]; context: [string, string][] } {
  const fields: number[] = [];
  const context: [string, string][] = [];
  thriftLibrary.TBufferedTransport.receiver((transport: never) => {
    const input = new thrift.TBinaryProtocol(transport);
    input.readMessageBegin();
    input.readStructBegin();
    for (;;) {
      const { ftype, fid } = input.readFieldBegin();
      if (ftype === Type.STOP) break;
      fields.push(fid);
      if (fid === 8888) {
        const { size } = input.readMapBegin();
        for (let i = 0; i < size; i++) {
          context.push([input.readString(), input.readString()]);
        }
        input.readMapEnd();
      } else input.skip(ftype);
      input.readFieldEnd();
    }
  })(request);
  return { fields, context };
}

const ITEM = { id: 1, title: 'a struct within the struct of the arguments' };

/** Sends a request through a runtime, and returns it. */
function sentBy(
  runtime: Runtime,
  instrumented: InstrumentedClient = unnamed,
  message: CallMessage | null = MESSAGE,
): Buffer {
  const requests: Buffer[] = [];
  const client = writing((request) => void requests.push(request));
  sendWithContext(runtime, client as never, instrumented, message, () => {
    void client['store']?.(ITEM, 1);
  });
  expect(requests).toHaveLength(1);
  return requests[0] as Buffer;
}

/** The request of a client without metrics. */
function bare(): Buffer {
  const requests: Buffer[] = [];
  void writing((request) => void requests.push(request))['store']?.(ITEM, 1);
  return requests[0] as Buffer;
}

describe('a context in a field', () => {
  test('is one more field of the arguments, also if these contain structs', () => {
    const entries = [
      ['traceparent', '00-1'],
      ['baggage', 'a=b'],
    ] as const;
    const request = sentBy(runtimeWith(entries));
    expect(read(request)).toEqual({ fields: [1, 2, 8888], context: entries });
    expect(request.toString('latin1').split('traceparent')).toHaveLength(2);
  });

  test('has at most 100 entries', () => {
    const entries = Array.from({ length: 101 }, (_, i) => [`k${i}`, 'v'] as const);
    expect(read(sentBy(runtimeWith(entries.slice(1)))).context).toEqual(entries.slice(1));
    expect(read(sentBy(runtimeWith(entries))).context).toEqual(entries.slice(0, 100));
  });

  test('has at most 8,192 bytes of names and values, without the entries that do not fit', () => {
    const fits = [['k', 'v'.repeat(8191)]] as const;
    expect(read(sentBy(runtimeWith(fits))).context).toEqual(fits);
    const tooLong = ['k', 'v'.repeat(8192)] as const;
    // Each of these characters takes two bytes.
    const tooLongInBytes = ['k', 'é'.repeat(4096)] as const;
    const small = ['small', 'v'] as const;
    const first = ['first', 'v'.repeat(8000)] as const;
    const second = ['second', 'v'.repeat(200)] as const;
    const entries = [tooLong, tooLongInBytes, first, second, small];
    expect(read(sentBy(runtimeWith(entries))).context).toEqual([first, small]);
  });

  test.each<[string, Runtime, CallMessage | null]>([
    ['without entries', runtimeWith([]), MESSAGE],
    ['for a call that is not published', runtimeWith([['k', 'v']]), null],
    ['with propagation false', runtimeWith([['k', 'v']], false, false), MESSAGE],
    [
      'with THeaderProtocol as the way, over another',
      runtimeWith([['k', 'v']], null, 'theader'),
      MESSAGE,
    ],
  ])('is not written %s', (_, runtime, message) => {
    expect(sentBy(runtime, named('checkout'), message)).toEqual(bare());
  });

  test('is not written while nothing provides contexts', () => {
    const runtime = runtimeWith([]);
    runtime.clientCalls.contexts = null;
    expect(sentBy(runtime, named('checkout'))).toEqual(bare());
  });
});

describe('the name of the caller', () => {
  const context: Entries = [['k', 'v']];
  const caller = ['baggage', 'thrift.caller=checkout'] as const;

  test.each<[string, boolean | null, Entries, Entries]>([
    ['also without a context if callers is true', true, [], [caller]],
    ['with a context if callers is true', true, context, [...context, caller]],
    ['with a context if callers is not set', null, context, [...context, caller]],
    ['not without one if callers is not set', null, [], []],
    ['never if callers is false', false, context, context],
  ])('is sent %s', (_, callers, entries, expected) => {
    expect(read(sentBy(runtimeWith(entries, callers), named('checkout'))).context).toEqual(
      expected,
    );
    expect(onError).not.toHaveBeenCalled();
  });

  test('is missed only if callers is true, and the context is sent without it', () => {
    expect(read(sentBy(runtimeWith(context, null))).context).toEqual(context);
    expect(onError).not.toHaveBeenCalled();
    expect(read(sentBy(runtimeWith(context, true))).context).toEqual(context);
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: 'TM_ERR_CALLER_NAME' }), 'callers'],
    ]);
  });

  test('does not push out entries of the context', () => {
    const full = Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v'] as const);
    expect(read(sentBy(runtimeWith(full, true), named('checkout'))).context).toEqual(full);
    const free = full.slice(1);
    expect(read(sentBy(runtimeWith(free, true), named('checkout'))).context).toEqual([
      ...free,
      caller,
    ]);
  });
});

describe('the protocol class of a client', () => {
  let runtime: Runtime;
  beforeEach(() => {
    runtime = runtimeWith([['k', 'v']]);
  });

  test('is its own when a request is written, and after it', () => {
    const seen: unknown[] = [];
    const client = writing(() => void seen.push(client.pClass));
    const original = client.pClass;
    const result = sendWithContext(runtime, client as never, unnamed, MESSAGE, () => {
      seen.push(client.pClass === original);
      void client['ping']?.();
      return 'sent';
    });
    expect(result).toBe('sent');
    expect(seen).toEqual([false, original]);
    expect(client.pClass).toBe(original);
  });

  test('is its own after a request that creates no protocol object, or fails', () => {
    const client = writing(() => {});
    const original = client.pClass;
    sendWithContext(runtime, client as never, unnamed, MESSAGE, () => {});
    expect(client.pClass).toBe(original);
    const failure = new Error('not sent');
    expect(() =>
      sendWithContext(runtime, client as never, unnamed, MESSAGE, () => {
        throw failure;
      }),
    ).toThrow(failure);
    expect(client.pClass).toBe(original);
  });

  test('stays if the program has set another one meanwhile', () => {
    const client = writing(() => {});
    const other = thriftLibrary.TCompactProtocol as unknown;
    sendWithContext(runtime, client as never, unnamed, MESSAGE, () => void (client.pClass = other));
    expect(client.pClass).toBe(other);
  });

  test('may be read-only: requests are sent without a context', () => {
    const requests: Buffer[] = [];
    const client = writing((request) => void requests.push(request));
    Object.defineProperty(client, 'pClass', { writable: false });
    const result = sendWithContext(runtime, client as never, unnamed, MESSAGE, () => {
      void client['store']?.(ITEM, 1);
      return 'sent';
    });
    expect(result).toBe('sent');
    expect(requests).toEqual([bare()]);
  });

  test('may create frozen objects: requests are sent without a context, which is reported', () => {
    const requests: Buffer[] = [];
    const client = writing((request) => void requests.push(request));
    client.pClass = function (transport: never): object {
      return Object.freeze(new thrift.TBinaryProtocol(transport));
    };
    sendWithContext(runtime, client as never, unnamed, MESSAGE, () => {
      void client['store']?.(ITEM, 1);
    });
    expect(requests).toEqual([bare()]);
    expect(onError.mock.calls).toEqual([[expect.any(TypeError), 'client context']]);
  });
});

describe('a context in the headers of THeaderProtocol', () => {
  /** Sends two requests, the second without entries, and returns them with the headers that the transport keeps. */
  function send(entries: Entries, own: Readonly<Record<string, string>>) {
    const requests: string[] = [];
    const connection = {
      transport: thriftLibrary.TFramedTransport,
      protocol: thriftLibrary.THeaderProtocol,
      write: (request: Buffer) => void requests.push(request.toString('latin1')),
    };
    const client = clientOf(connection as never, Library) as Sending;
    const output = client['output'] as unknown as {
      setWriteHeader(name: string, value: string): void;
      getWriteHeaders(): object;
    };
    for (const [name, value] of Object.entries(own)) output.setWriteHeader(name, value);
    for (const carried of [entries, []]) {
      const runtime = runtimeWith(carried, false, 'theader');
      sendWithContext(runtime, client as never, unnamed, MESSAGE, () => void client['ping']?.());
    }
    return { requests, kept: { ...output.getWriteHeaders() } };
  }

  test('is sent once, and leaves the transport without headers', () => {
    const { requests, kept } = send([['traceparent', '00-1']], {});
    expect(requests.map((request) => request.includes('traceparent'))).toEqual([true, false]);
    expect(kept).toStrictEqual({});
  });

  test('is sent beside the headers of the program, which stay', () => {
    const { requests, kept } = send(
      [
        ['baggage', 'of the call'],
        ['traceparent', '00-1'],
      ],
      { baggage: 'of the program', tenant: 'acme' },
    );
    expect(requests[0]).toContain('of the call');
    expect(requests[0]).toContain('acme');
    expect(kept).toEqual({ baggage: 'of the program', tenant: 'acme' });
  });
});
