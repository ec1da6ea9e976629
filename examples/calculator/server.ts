import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'thrift';
import {
  configureMetrics,
  instrumentServer,
  instrumentService,
  startMetricsServer,
} from 'thrift-metrics';

import * as Calculator from './gen-nodejs/Calculator.js';
import { CalculatorHandler } from './handler.js';
import type { Options } from './options.js';

export interface RunningServer {
  thriftPort: number;
  metricsUrl: string;
  pageUrl: string;
  close(): Promise<void>;
}

export async function startServer(options: Options): Promise<RunningServer> {
  const { env, region } = options;
  configureMetrics({ defaultLabels: { env, region }, callers: true });
  const thrift = await startThrift(options.thriftPort);
  try {
    const metrics = await startMetricsServer({ port: options.metricsPort });
    return {
      thriftPort: thrift.port,
      metricsUrl: `${metrics.url}/metrics`,
      pageUrl: `${metrics.url}/`,
      close: async () => {
        await Promise.all([thrift.close(), metrics.close()]);
      },
    };
  } catch (error) {
    await thrift.close();
    throw error;
  }
}

async function startThrift(port: number): Promise<{ port: number; close(): Promise<void> }> {
  // The handler's decorators measure the calls that reach it. The service and the server measure everything else.
  const service = instrumentService(Calculator);
  const server: Server = instrumentServer(createServer(service, new CalculatorHandler()));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  // Rejects if the server emits an error first.
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is in use; choose another one with --thrift-port`);
  });
  // A peer that sends garbage makes the server emit an error. Without a listener, that would end the process.
  server.on('error', (error) => console.error(`thrift server: ${error.message}`));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
