import { once } from 'node:events';
import type { Socket } from 'node:net';

import { beforeEach, describe, expect, it } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { closing } from '../../support/closing';
import { thrift, type Service } from '../../support/start-thrift';
import { protocolErrors } from './connection-counts';
import { call, framed, int32, PING, REPLY_TO_PING } from './messages';
import { startServer, until, type RunningServer, type ServerSettings } from './start-server';
import { post, webSocketFrame, wrap, type Wire } from './wires';

beforeEach(resetMetrics);

type WithProcessor = Service & { Processor: new (handler: object) => object };

const plain = require('../gen-nodejs/Library.js') as WithProcessor;
const measured = instrumentService(plain);
const handler = {
  ping: (done: (error: null) => void) => done(null),
  // In callback style, a throw reaches the server in the output of every compiler.
  count: (_done: (error: unknown) => void) => {
    throw new Error('by the handler');
  },
};

const STREAMS = ['tcp', 'unix', 'tls'] as const;
const HTTP = ['http', 'https'] as const;
const WEB_SOCKETS = ['ws', 'wss'] as const;
const processors: [string, WithProcessor][] = [
  ['an instrumented processor', measured],
  ['a processor that is not instrumented', plain],
];

interface Ends {
  readonly server: RunningServer;
  readonly client: Socket;
  readonly peer: Socket;
  readonly closed: Promise<void>;
}

async function start(wire: Wire, settings: ServerSettings = {}): Promise<Ends> {
  const server = await startServer(wire, { handler, service: measured, ...settings });
  const accepted = server.nextAccepted();
  const client = await server.connect();
  const peer = await accepted;
  return { server, client, peer, closed: closing(peer) };
}

/** Makes a call on a separate connection. When it is answered, the server has processed what other connections sent. */
async function callOnce({ server }: Ends, wire: Wire, message = PING): Promise<void> {
  const client = await server.connect();
  client.write(wrap(wire, message));
  await until(client, REPLY_TO_PING);
}

/** Ends a connection and waits until the server has noticed. */
async function end({ client, closed }: Ends): Promise<void> {
  client.end();
  await closed;
}

describe.each(processors)('a server with %s', (_, service) => {
  it.each(STREAMS)(
    'an oversize frame over %s counts once as oversize_frame and as nothing else',
    async (wire) => {
      for (const size of [2 ** 31 - 1, -1, -(2 ** 31)]) {
        const ends = await start(wire, { service, isFramed: true });
        ends.client.write(int32(size));
        await ends.closed;
        expect(ends.server.errors).toHaveLength(1);
      }
      expect(await protocolErrors()).toEqual({ oversize_frame: 3 });
    },
  );

  it.each(STREAMS)(
    'a message over %s that exceeds the maximum counts as oversize_frame',
    async (wire) => {
      const ends = await start(wire, { service, maxLength: 16 });
      ends.client.write(Buffer.concat([PING.subarray(0, 10), Buffer.alloc(100)]));
      await ends.closed;
      expect(await protocolErrors()).toEqual({ oversize_frame: 1 });
    },
  );

  it('an incomplete message that later exceeds the maximum counts only as oversize_frame', async () => {
    const ends = await start('tcp', { service, maxLength: 16 });
    ends.client.write(PING.subarray(0, 10));
    await once(ends.peer, 'data');
    ends.client.write(Buffer.alloc(100));
    await ends.closed;
    expect(await protocolErrors()).toEqual({ oversize_frame: 1 });
  });

  it.each(STREAMS)('a message with a bad version over %s counts as bad_version', async (wire) => {
    const ends = await start(wire, { service });
    ends.client.write(Buffer.from([0x90, 1, 0, 1]));
    await ends.closed;
    expect(await protocolErrors()).toEqual({ bad_version: 1 });
  });

  it.each([
    ['a negative size', thrift.TBinaryProtocol, Buffer.from([0x80, 1, 0, 1, 0xff, 0, 0, 0])],
    ['an unknown type', thrift.TBinaryProtocol, call('ping', Buffer.from([99, 0, 1]))],
    ['an unknown compact type', thrift.TCompactProtocol, compactPing(0x1f)],
    ['invalid JSON', thrift.TJSONProtocol, Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('%s counts as garbage', async (title, protocol, bytes) => {
    const ends = await start('tcp', { service, protocol });
    ends.client.write(bytes);
    await ends.closed;
    expect(await protocolErrors(), title).toEqual({ garbage: 1 });
  });

  it.each([
    ['compact', thrift.TCompactProtocol, Buffer.from([0x80, 1])],
    ['JSON', thrift.TJSONProtocol, Buffer.from('[2,"ping",1,0,{}]')],
  ])(
    'another version of the %s protocol counts as bad_version',
    async (_title, protocol, bytes) => {
      const ends = await start('tcp', { service, protocol });
      ends.client.write(bytes);
      await ends.closed;
      expect(await protocolErrors()).toEqual({ bad_version: 1 });
    },
  );

  it.each(STREAMS)('a request of a browser over %s counts as oversize_frame', async (wire) => {
    const ends = await start(wire, { service, isFramed: true });
    ends.client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await ends.closed;
    expect(await protocolErrors()).toEqual({ oversize_frame: 1 });
  });

  it('an error that a handler throws is not refused input', async () => {
    const ends = await start('tcp', { service });
    ends.client.write(call('count'));
    await ends.closed;
    expect(ends.server.errors).toHaveLength(1);
    expect(await protocolErrors()).toEqual({});
  });

  it('a failed connection is not refused input', async () => {
    const ends = await start('tcp', { service });
    ends.client.resetAndDestroy();
    await ends.closed;
    expect(ends.server.errors).toHaveLength(1);
    expect(await protocolErrors()).toEqual({});
  });

  it.each(['tcp', 'http', 'ws'] as const)(
    'calls over %s, whole or in chunks, are not refused input when their connection ends',
    async (wire) => {
      const ends = await start(wire, { service });
      const bytes = wrap(wire, PING);
      const answered = until(ends.client, REPLY_TO_PING);
      // A WebSocket frame must be sent whole.
      const rest = wire === 'ws' ? 0 : 3;
      const taken = wire === 'http' ? once(ends.server.server, 'request') : once(ends.peer, 'data');
      ends.client.write(bytes.subarray(0, bytes.length - rest));
      await taken;
      ends.client.write(bytes.subarray(bytes.length - rest));
      await answered;
      await end(ends);
      expect(await protocolErrors()).toEqual({});
    },
  );
});

it('a protocol exception that a handler throws is not refused input', async () => {
  const { TProtocolException, TProtocolExceptionType } = thrift.Thrift;
  const decoding = {
    ping: (_done: (error: unknown) => void) => {
      throw new TProtocolException(TProtocolExceptionType.BAD_VERSION, 'of a stored message');
    },
  };
  const ends = await start('tcp', { handler: { ...decoding } });
  ends.client.write(PING);
  await ends.closed;
  expect(await protocolErrors()).toEqual({});
});

describe.each(processors)('a multiplexer of %s', (_, service) => {
  const multiplexer = () => {
    const { MultiplexedProcessor } = thrift as unknown as {
      MultiplexedProcessor: new () => { registerProcessor(name: string, it: object): void };
    };
    const processor = new MultiplexedProcessor();
    processor.registerProcessor('library', new service.Processor(handler));
    return processor;
  };

  it('a call of a service that the multiplexer lacks counts as unknown_service', async () => {
    const ends = await start('tcp', { multiplexer: multiplexer() });
    ends.client.write(call('other:ping'));
    await ends.closed;
    expect(await protocolErrors()).toEqual({ unknown_service: 1 });
  });

  it('a call of an unknown service after an answered call counts as unknown_service', async () => {
    const ends = await start('tcp', { multiplexer: multiplexer() });
    ends.client.resume().write(Buffer.concat([call('library:ping'), call('other:ping')]));
    await ends.closed;
    expect(await protocolErrors()).toEqual({ unknown_service: 1 });
  });

  it('a message to a multiplexer that is not a call counts as wrong_message_type', async () => {
    const ends = await start('tcp', { multiplexer: multiplexer() });
    ends.client.write(call('library:ping', Buffer.from([0]), 2));
    await ends.closed;
    expect(await protocolErrors()).toEqual({ wrong_message_type: 1 });
  });

  it('a bad version sent to a multiplexer counts as bad_version', async () => {
    const ends = await start('tcp', { multiplexer: multiplexer() });
    ends.client.write(Buffer.from([0x90, 1, 0, 1]));
    await ends.closed;
    expect(await protocolErrors()).toEqual({ bad_version: 1 });
  });
});

describe('a connection that ends', () => {
  it.each(STREAMS)(
    'a connection that ends within a message counts as cut_off_struct over %s',
    async (wire) => {
      const ends = await start(wire);
      ends.client.write(PING.subarray(0, 12));
      await once(ends.peer, 'data');
      expect(await protocolErrors()).toEqual({});
      await end(ends);
      expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
    },
  );

  it.each(STREAMS)(
    'a connection that ends after a message is not refused input over %s',
    async (wire) => {
      const ends = await start(wire);
      ends.client.write(Buffer.concat([PING, PING]));
      await until(ends.client, Buffer.concat([REPLY_TO_PING, REPLY_TO_PING]));
      await end(ends);
      expect(await protocolErrors()).toEqual({});
    },
  );

  it.each(STREAMS)(
    'a connection that ends within a frame counts as cut_off_struct over %s',
    async (wire) => {
      const ends = await start(wire, { isFramed: true });
      await callOnce(ends, wire, framed(PING));
      ends.client.write(framed(PING).subarray(0, 12));
      await once(ends.peer, 'data');
      await end(ends);
      expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
    },
  );

  it('a connection that ends after a frame is not refused input', async () => {
    const ends = await start('tcp', { isFramed: true });
    const bytes = framed(PING);
    ends.client.write(bytes.subarray(0, 7));
    await once(ends.peer, 'data');
    ends.client.write(bytes.subarray(7));
    await until(ends.client, REPLY_TO_PING);
    await end(ends);
    expect(await protocolErrors()).toEqual({});
  });

  it('a connection that ends after a request of a browser counts as cut_off_struct without frames', async () => {
    const ends = await start('tcp');
    ends.client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(ends.peer, 'data');
    await end(ends);
    expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
  });
});

describe.each(HTTP)('over %s', (wire) => {
  it.each(processors)(
    'an oversize frame over HTTP counts as oversize_frame with %s',
    async (_, service) => {
      const ends = await start(wire, { service, isFramed: true });
      ends.client.write(post(int32(2 ** 31 - 1)));
      await until(ends.client, '500 Internal Server Error');
      expect(await protocolErrors()).toEqual({ oversize_frame: 1 });
      await end(ends);
      expect(await protocolErrors()).toEqual({ oversize_frame: 1 });
    },
  );

  it('a message without a frame counts as oversize_frame if the server is known to read frames', async () => {
    const ends = await start(wire, { isFramed: true });
    await callOnce(ends, wire, framed(PING));
    ends.client.write(post(PING));
    await until(ends.client, '500 Internal Server Error');
    expect(await protocolErrors()).toEqual({ oversize_frame: 1 });
  });

  it.each(processors)(
    'an error that a handler throws over HTTP is not refused input with %s',
    async (_, service) => {
      const ends = await start(wire, { service });
      ends.client.write(post(call('count')));
      await until(ends.client, '500 Internal Server Error');
      await end(ends);
      expect(await protocolErrors()).toEqual({});
    },
  );

  it('input over HTTP that the processor refuses counts once', async () => {
    const ends = await start(wire);
    ends.client.write(post(Buffer.from([0x90, 1, 0, 1])));
    await until(ends.client, '500 Internal Server Error');
    await end(ends);
    expect(await protocolErrors()).toEqual({ bad_version: 1 });
  });

  it('a request that ends within a message counts as cut_off_struct while its connection continues', async () => {
    const ends = await start(wire);
    ends.client.write(post(PING.subarray(0, 12)));
    ends.client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await end(ends);
    expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
  });

  it('a request that is aborted within a message counts as cut_off_struct', async () => {
    const ends = await start(wire);
    ends.client.write(post(PING.subarray(0, 12), PING.length));
    await once(ends.server.server, 'request');
    await end(ends);
    expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
  });

  it('a request that ends within a frame counts as cut_off_struct', async () => {
    const ends = await start(wire, { isFramed: true });
    await callOnce(ends, wire, framed(PING));
    ends.client.write(post(framed(PING).subarray(0, 12)));
    await once(ends.server.server, 'request');
    await end(ends);
    expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
  });

  it('input that is not HTTP counts as garbage, and Node.js answers it', async () => {
    const ends = await start(wire);
    ends.client.write('\x16\x03\x01\r\n\r\n');
    await until(ends.client, '400 Bad Request');
    await ends.closed;
    expect(await protocolErrors()).toEqual({ garbage: 1 });
  });

  it('requests for files and other paths are not refused input', async () => {
    const ends = await start(wire);
    ends.client.write('GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(ends.client, '404 Not Found');
    ends.client.write(post(PING, PING.length, '/other'));
    await until(ends.client, '403 No Apache Thrift Service');
    await end(ends);
    expect(await protocolErrors()).toEqual({});
  });
});

describe.each(WEB_SOCKETS)('over %s', (wire) => {
  it('an incomplete WebSocket message counts as cut_off_struct on arrival, because Thrift does not wait for the rest', async () => {
    const ends = await start(wire);
    for (const payload of [PING.subarray(0, 12), Buffer.alloc(0)]) {
      ends.client.write(webSocketFrame(payload));
      await once(ends.peer, 'data');
    }
    expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
    await end(ends);
    expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
  });

  it('a WebSocket message in fragments is not refused input', async () => {
    const ends = await start(wire, { isFramed: true });
    await callOnce(ends, wire, framed(PING));
    ends.client.write(webSocketFrame(framed(PING).subarray(0, 9), 0x02));
    await once(ends.peer, 'data');
    ends.client.write(webSocketFrame(framed(PING).subarray(9), 0x80));
    await until(ends.client, REPLY_TO_PING);
    await end(ends);
    expect(await protocolErrors()).toEqual({});
  });

  it.each([
    ['close', 0x88],
    ['ping', 0x89],
  ])('a WebSocket %s frame is not refused input', async (_, firstByte) => {
    const ends = await start(wire);
    ends.client.write(
      Buffer.concat([webSocketFrame(PING), webSocketFrame(Buffer.from([3, 0xe8]), firstByte)]),
    );
    await until(ends.client, REPLY_TO_PING);
    await callOnce(ends, wire);
    await end(ends);
    expect(await protocolErrors()).toEqual({});
  });

  it('oversize and incomplete Thrift frames over WebSocket are counted', async () => {
    const ends = await start(wire, { isFramed: true });
    await callOnce(ends, wire, framed(PING));
    for (const size of [2 ** 31 - 1, -1]) {
      ends.client.write(webSocketFrame(int32(size)));
      await once(ends.peer, 'data');
    }
    ends.client.write(webSocketFrame(framed(PING).subarray(0, 9)));
    await once(ends.peer, 'data');
    // Has no effect: Thrift passes on a message without content.
    ends.client.write(webSocketFrame(Buffer.alloc(0)));
    await once(ends.peer, 'data');
    await end(ends);
    expect(await protocolErrors()).toEqual({ oversize_frame: 2, cut_off_struct: 1 });
  });

  it('input that is not a WebSocket frame counts as garbage', async () => {
    const ends = await start(wire);
    // 126 announces a length that does not follow.
    ends.client.write(Buffer.from([0x82, 126]));
    await ends.closed;
    expect(await protocolErrors()).toEqual({ garbage: 1 });
  });
});

/** A call of `ping` in the compact protocol whose first field has this header. */
function compactPing(field: number): Buffer {
  return Buffer.from([0x82, 0x21, 0, 4, ...Buffer.from('ping'), field, 0]);
}
