import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo, Server, Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { certify } from '../../../support/certify';

// oxlint-disable-next-line typescript/no-explicit-any -- drivers and their generated code, which have no useful types
export type Any = any;

/** What the next request over HTTP gets instead of an answer. */
export type Trouble = 'cut' | 'never' | number;

export interface Warehouse {
  readonly port: number;
  /** Troubles of the next requests, in order. */
  readonly troubles: Trouble[];
  /** Cuts all connections. */
  cut(): void;
}

/** The modules of a driver, as the driver itself loads them. */
export function modulesOf(
  driver: string,
  service: string,
): { thrift: Any; service: Any; types: Any } {
  const load = createRequire(require.resolve(driver));
  return { thrift: load('thrift'), service: load(service), types: load(`${service}_types`) };
}

/** Starts a server of HiveServer2's service for a driver, over HTTP, HTTPS, or TCP. */
export async function startWarehouse(
  { thrift, service, types }: ReturnType<typeof modulesOf>,
  transport: 'http' | 'https' | 'tcp',
): Promise<Warehouse> {
  const handler = handlerOf(types);
  const troubles: Trouble[] = [];
  const server =
    transport === 'tcp'
      ? (thrift.createServer(service, handler, {
          transport: thrift.TBufferedTransport,
          protocol: thrift.TBinaryProtocol,
        }) as Server)
      : await webServer(thrift, service, handler, transport === 'https', troubles);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.on('error', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, troubles, cut };
}

async function webServer(
  thrift: Any,
  service: Any,
  handler: object,
  isSecure: boolean,
  troubles: Trouble[],
): Promise<Server> {
  const inner = thrift.createWebServer({
    services: {
      '/': {
        processor: service,
        handler,
        transport: thrift.TBufferedTransport,
        protocol: thrift.TBinaryProtocol,
      },
    },
  }) as http.Server;
  const listener: http.RequestListener = (request, response) => {
    const trouble = troubles.shift();
    if (trouble === undefined) inner.emit('request', request, response);
    else if (trouble === 'cut') request.socket.destroy();
    else if (trouble !== 'never') response.writeHead(trouble).end('a proxy in between');
  };
  return isSecure
    ? https.createServer(await certify('localhost'), listener)
    : http.createServer(listener);
}

/** Answers what the drivers need to open a session and to run a statement. */
function handlerOf(types: Any): object {
  type Reply = (error: unknown, result?: unknown) => void;
  const status = (statusCode = 0): object => new types.TStatus({ statusCode, errorMessage: 'no' });
  const id = (): object =>
    new types.THandleIdentifier({
      guid: Buffer.from('0f8fad5bd9cb469fa16570867728950e', 'hex'),
      secret: Buffer.alloc(16, 2),
    });
  return {
    OpenSession(request: Any, reply: Reply) {
      reply(
        null,
        new types.TOpenSessionResp({
          status: status(),
          serverProtocolVersion: request.client_protocol ?? 0xa508,
          sessionHandle: new types.TSessionHandle({ sessionId: id() }),
        }),
      );
    },
    GetInfo(_request: Any, reply: Reply) {
      const infoValue = new types.TGetInfoValue({ stringValue: 'loopback' });
      reply(null, new types.TGetInfoResp({ status: status(), infoValue }));
    },
    ExecuteStatement({ statement }: Any, reply: Reply) {
      if (statement === 'hang') return;
      if (statement === 'throw') return reply(new Error('boom'));
      const operationHandle = new types.TOperationHandle({
        operationId: id(),
        operationType: 0,
        hasResultSet: false,
      });
      const isWrong = statement === 'wrong';
      const response = isWrong ? { status: status(3) } : { status: status(), operationHandle };
      reply(null, new types.TExecuteStatementResp(response));
    },
    CloseSession(_request: Any, reply: Reply) {
      reply(null, new types.TCloseSessionResp({ status: status() }));
    },
  };
}
