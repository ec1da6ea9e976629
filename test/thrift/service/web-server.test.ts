import http, { type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { send } from '../../support/send';
import { thrift } from '../../support/start-thrift';
import { loadOutputs } from '../generated';
import { counting, countsOf } from './message-counts';
import { Gate } from './gate';
import {
  decodeReplies,
  encode,
  EXCEPTION,
  messageSize,
  ONEWAY,
  REPLY,
  wireOptions,
  WIRES,
  type Wire,
} from './wire';

type Module = { readonly Processor: new (handler: object) => object };

class Handler {
  readonly gate = new Gate<string>();

  async twice(number: number) {
    return 2 * number;
  }

  count(_answer: unknown) {
    throw new RangeError('at once');
  }

  note() {
    void this.gate.wait('note');
  }
}

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const service = instrumentService(generated.service as unknown as Module);

  describe.each([
    ['processor, a class, and handler', (handler: object) => ({ processor: service, handler })],
    ['cls and handler', (handler: object) => ({ cls: service, handler })],
    [
      'processor, an instance',
      (handler: object) => ({ processor: new service.Processor(handler) }),
    ],
  ])('a web server with %s', (_, given) => {
    async function start(wire: Wire) {
      const handler = new Handler();
      const server = thrift.createWebServer({
        services: { '/library': { ...wireOptions(wire), ...given(handler) } as never },
      }) as unknown as Server;
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => {
        server.closeAllConnections();
        server.close();
      });
      const { port } = server.address() as AddressInfo;
      const post = (body: Buffer) =>
        send(`http://127.0.0.1:${port}/library`, { method: 'POST', body });
      return { handler, port, post };
    }

    test.each(WIRES)('a call over HTTP is counted: $protocol, $transport', async (wire) => {
      const { post } = await start(wire);
      const sent = encode(wire, { name: 'twice', seqid: 8, fields: [[1, 4]] });

      const { status, body } = await post(sent);

      expect(status).toBe(200);
      expect(decodeReplies(wire, body)).toEqual([{ name: 'twice', type: REPLY, seqid: 8 }]);
      expect(await countsOf('twice')).toEqual({
        messages: { 'call reply': 1 },
        active: 0,
        requestSize: messageSize(wire, sent),
        requests: 1,
        decodes: 1,
        responseSize: messageSize(wire, body),
        responses: 1,
        writes: 1,
        lost: {},
      });
    });

    test.each(WIRES)(
      'a call that arrives in chunks over HTTP is counted once: $protocol, $transport',
      async (wire) => {
        const { port } = await start(wire);
        const sent = encode(wire, { name: 'twice', seqid: 8, fields: [[1, 4]] });
        const request = http.request(`http://127.0.0.1:${port}/library`, {
          method: 'POST',
          agent: false,
        });
        request.setNoDelay();

        const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
        for (const byte of sent) {
          await new Promise((written) => request.write(Buffer.from([byte]), written));
        }
        const [response] = await answered;
        response.resume();
        request.end();

        expect(response.statusCode).toBe(200);
        expect(await countsOf('twice')).toEqual(
          counting({
            messages: { 'call reply': 1 },
            requestSize: messageSize(wire, sent),
            requests: 1,
          }),
        );
      },
    );

    test.each(WIRES)(
      'a call over HTTP whose handler throws has no reply: $protocol, $transport',
      async (wire) => {
        const { post } = await start(wire);

        const { status } = await post(encode(wire, { name: 'count' }));

        expect(status).toBe(500);
        expect(await countsOf('count')).toEqual(
          counting({ messages: { 'call none': 1 }, active: 0 }),
        );
      },
    );

    test.each(WIRES)(
      'a call of an unknown method over HTTP is counted: $protocol, $transport',
      async (wire) => {
        const { post } = await start(wire);

        const { body } = await post(encode(wire, { name: 'none_such', seqid: 2 }));

        expect(decodeReplies(wire, body)).toEqual([
          { name: 'none_such', type: EXCEPTION, seqid: 2 },
        ]);
        expect((await countsOf('_unknown')).messages).toEqual({ 'call exception': 1 });
      },
    );

    test('a oneway message over HTTP is counted, although its request gets no answer', async () => {
      const [wire] = WIRES as [Wire];
      const { handler, port } = await start(wire);
      const request = http.request(`http://127.0.0.1:${port}/library`, {
        method: 'POST',
        agent: false,
      });
      request.on('error', () => {});

      request.end(encode(wire, { name: 'note', type: ONEWAY, fields: [[1, 'x']] }));
      await handler.gate.filled(1);

      expect(await countsOf('note')).toEqual(
        counting({ messages: { 'oneway none': 1 }, active: 0 }),
      );
      request.destroy();
    });

    test.each(WIRES)('a call over WebSocket is counted: $protocol, $transport', async (wire) => {
      const { port } = await start(wire);
      const request = http.request({
        port,
        host: '127.0.0.1',
        agent: false,
        headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'any' },
      });
      request.end();
      const [, socket] = (await once(request, 'upgrade')) as [unknown, Socket];
      const sent = encode(wire, { name: 'twice', seqid: 8, fields: [[1, 4]] });

      // A short frame whose mask changes nothing.
      socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | sent.length, 0, 0, 0, 0]), sent]));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();

      const body = answer.subarray(2);
      expect(decodeReplies(wire, body)).toEqual([{ name: 'twice', type: REPLY, seqid: 8 }]);
      expect(await countsOf('twice')).toEqual(
        counting({
          messages: { 'call reply': 1 },
          requestSize: messageSize(wire, sent),
          responseSize: messageSize(wire, body),
          responses: 1,
        }),
      );
    });
  });
});
