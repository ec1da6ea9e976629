import { context, propagation } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../../src/index';
import { enableTracing, type TracingOptions } from '../../../src/opentelemetry';
import { currentRuntime } from '../../../src/runtime/runtime';
import { collectSpans } from '../../signals/collect-spans';
import { encodeCall, writeMap } from '../../support/encode-call';
import { thrift, type Service } from '../../support/start-thrift';
import { Answers, Library } from '../client/library';
import { serve } from '../service/serve';
import { BINARY_BUFFERED, BINARY_FRAMED, REPLY, WIRES, type Wire } from '../service/wire';
import { callersOf } from './caller-counts';
import { encodeNamedCall } from './requests';

thrift.setLogFunc?.(() => {});

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry, callers: false, onError: () => {} });
  currentRuntime().settings.callers = null;
});

let services = 0;

/** Sends requests one after the other to a server of a service with a new name. Returns the counts of its callers. */
async function send(wire: Wire, ...requests: Buffer[]) {
  const service = `Library${++services}`;
  const handler = instrumentHandler(new Answers(), { service });
  const { server, connect } = await serve(instrumentService(Library, { service }), handler, wire);
  instrumentServer(server);
  const client = await connect();
  for (const request of requests) await client.deliver(request);
  expect(await client.replies(requests.length)).toMatchObject(
    requests.map(() => ({ name: 'twice', type: REPLY })),
  );
  return callersOf(registry, service);
}

describe.each(WIRES)('$protocol in $transport', (wire) => {
  test('a call counts for the caller that its baggage names in field 8888', async () => {
    expect(await send(wire, encodeNamedCall(wire, 'thrift.caller=checkout'))).toEqual({
      checkout: [1, 0],
    });
  });

  test('a failed call counts as failed for its caller', async () => {
    const ok = encodeNamedCall(wire, 'thrift.caller=checkout');
    // The handler answers negative numbers with an exception.
    const failed = encodeNamedCall(wire, 'thrift.caller=checkout', -1);
    expect(await send(wire, ok, failed, failed)).toEqual({ checkout: [3, 2] });
  });

  test('calls of several methods of a service count together for their caller', async () => {
    const service = `Library${++services}`;
    const handler = instrumentHandler(new Answers(), { service });
    const { connect } = await serve(instrumentService(Library, { service }), handler, wire);
    const client = await connect();
    for (const method of ['twice', 'count', 'twice']) {
      await client.deliver(
        encodeCall(wire, method, 21, (output) =>
          writeMap(output, 8888, [['baggage', 'thrift.caller=checkout']]),
        ),
      );
    }
    await client.replies(3);
    expect(await callersOf(registry, service)).toEqual({ checkout: [3, 0] });
  });

  test('a call without a name has no series', async () => {
    const bare = encodeCall(wire, 'twice', 21, () => {});
    const unnamed = encodeNamedCall(wire, 'user=7');
    expect(await send(wire, bare, unnamed)).toEqual({});
  });

  test('with callers: true, calls without a name count under _unknown', async () => {
    configureMetrics({ callers: true });
    const bare = encodeCall(wire, 'twice', -1, () => {});
    const unnamed = encodeNamedCall(wire, 'user=7');
    const named = encodeNamedCall(wire, 'thrift.caller=checkout');
    expect(await send(wire, bare, unnamed, named)).toEqual({
      _unknown: [2, 1],
      checkout: [1, 0],
    });
  });

  test('with callers: false, no caller is counted', async () => {
    configureMetrics({ callers: false });
    expect(await send(wire, encodeNamedCall(wire, 'thrift.caller=checkout'))).toEqual({});
  });

  test('the baggage of a nested struct names no caller', async () => {
    const nested = encodeCall(wire, 'twice', 21, (output) => {
      output.writeFieldBegin('', thrift.Thrift.Type.STRUCT, 2);
      output.writeStructBegin('nested');
      writeMap(output, 8888, [['baggage', 'thrift.caller=nested']]);
      output.writeFieldStop();
      output.writeStructEnd();
      output.writeFieldEnd();
    });
    expect(await send(wire, nested)).toEqual({});
  });
});

test('with callers: true, calls without a name stand at 0 before the first call', async () => {
  instrumentService(Library, { service: 'Before' });
  configureMetrics({ callers: true });
  instrumentService(Library, { service: 'After' });
  expect(await callersOf(registry, 'Before')).toEqual({ _unknown: [0, undefined] });
  expect(await callersOf(registry, 'After')).toEqual({ _unknown: [0, undefined] });
});

test('a service whose handler is not measured shows calls, and no failed calls', async () => {
  const { connect } = await serve(
    instrumentService(Library, { service: 'Unmeasured' }),
    new Answers(),
    BINARY_FRAMED,
  );
  const client = await connect();
  await client.deliver(encodeNamedCall(BINARY_FRAMED, 'thrift.caller=checkout', -1));
  await client.replies(1);
  expect(await callersOf(registry, 'Unmeasured')).toEqual({ checkout: [1, undefined] });
});

test('a call of a method that the service does not have counts for no caller', async () => {
  const { connect } = await serve(
    instrumentService(Library, { service: 'Methods' }),
    new Answers(),
    BINARY_FRAMED,
  );
  const client = await connect();
  const request = encodeCall(BINARY_FRAMED, 'thrice', 1, (output) =>
    writeMap(output, 8888, [['baggage', 'thrift.caller=checkout']]),
  );
  await client.deliver(request);
  await client.replies(1);
  expect(await callersOf(registry, 'Methods')).toEqual({});
});

describe('the member thrift.caller of the baggage', () => {
  test.each([
    [
      'is among others, with spaces around it',
      'user=7 , thrift.caller = checkout , x=y',
      'checkout',
    ],
    ['has properties', 'thrift.caller=checkout;ttl=5;x', 'checkout'],
    ['is percent-encoded', 'thrift.caller=caf%C3%A9%2C%20north', 'café, north'],
    ['is there twice, of which the first counts', 'thrift.caller=one,thrift.caller=two', 'one'],
    [
      'is longer than 256 characters and cut',
      `thrift.caller=${'n'.repeat(300)}`,
      `${'n'.repeat(255)}…`,
    ],
  ])('the caller is known if the member thrift.caller %s', async (_, baggage, name) => {
    expect(await send(BINARY_FRAMED, encodeNamedCall(BINARY_FRAMED, baggage))).toEqual({
      [name]: [1, 0],
    });
  });

  test.each([
    ['is empty', 'thrift.caller='],
    ['is nothing but spaces', 'thrift.caller=%20'],
    ['has no value', 'thrift.caller'],
    ['is encoded wrongly', 'thrift.caller=%E0%A4%A'],
    ['is only the end of another name', 'not.thrift.caller=checkout'],
    ['is only the value of another member', 'x=thrift.caller'],
  ])('the caller is not known if the member thrift.caller %s', async (_, baggage) => {
    expect(await send(BINARY_FRAMED, encodeNamedCall(BINARY_FRAMED, baggage))).toEqual({});
  });
});

describe('with tracing', () => {
  collectSpans();
  let disable = (): void => {};
  afterEach(() => disable());
  const trace = (options: TracingOptions = {}): void => {
    disable = enableTracing(options);
  };
  const named = encodeNamedCall(BINARY_FRAMED, 'thrift.caller=checkout,user=7');

  test('the caller is counted as without tracing', async () => {
    trace();
    const failed = encodeNamedCall(BINARY_FRAMED, 'thrift.caller=checkout', -1);
    expect(await send(BINARY_FRAMED, named, failed)).toEqual({ checkout: [2, 1] });
  });

  test.each([
    ['false', false],
    ['a function that returns false', () => false],
    ['a function that throws', () => JSON.parse('{') as boolean],
  ])('acceptFrom: %s ignores the names that peers send', async (_, acceptFrom) => {
    trace({ acceptFrom });
    expect(await send(BINARY_FRAMED, named)).toEqual({});
  });

  test('acceptFrom is asked once for each request', async () => {
    const peers: unknown[] = [];
    trace({
      acceptFrom: (peer) => {
        peers.push(peer?.address);
        return true;
      },
    });
    expect(await send(BINARY_FRAMED, named, named)).toEqual({ checkout: [2, 0] });
    expect(peers).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('a handler sees the baggage without the name, which is not the caller of its own calls', async () => {
    trace();
    const seen: unknown[] = [];
    const handler = instrumentHandler(
      {
        async twice(number: number) {
          const entries = propagation.getBaggage(context.active())?.getAllEntries();
          seen.push(entries?.map(([key, { value }]) => [key, value]));
          return 2 * number;
        },
      },
      { service: 'Baggage' },
    );
    const { connect } = await serve(
      instrumentService(Library as Service, { service: 'Baggage' }),
      handler,
      BINARY_FRAMED,
    );
    const client = await connect();
    await client.deliver(named);
    await client.replies(1);
    expect(seen).toEqual([[['user', '7']]]);
    expect(await callersOf(registry, 'Baggage')).toEqual({ checkout: [1, 0] });
  });
});

test('a handler that switches recording off does not break the named calls that arrived with its own', async () => {
  class Switching extends Answers {
    override twice(...call: Parameters<Answers['twice']>): void {
      configureMetrics({ enabled: false });
      super.twice(...call);
    }
  }
  onTestFinished(() => configureMetrics({ enabled: true }));
  const { connect, errors } = await serve(
    instrumentService(Library),
    new Switching(),
    BINARY_BUFFERED,
  );
  const client = await connect();
  const request = encodeNamedCall(BINARY_BUFFERED, 'thrift.caller=checkout');
  await client.deliver(Buffer.concat([request, request, request]));
  const reply = { name: 'twice', type: REPLY };
  expect(await client.replies(3)).toMatchObject([reply, reply, reply]);
  expect(errors).toEqual([]);
});
