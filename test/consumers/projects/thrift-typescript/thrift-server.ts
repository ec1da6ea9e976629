// The target `thrift-server`, whose handlers get a context after the arguments: with Express, the request.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import {
  BinaryProtocol,
  BufferedTransport,
  ThriftConnection,
} from '@creditkarma/thrift-server-core';
import { createThriftServer } from '@creditkarma/thrift-server-express';
import type { Request } from 'express';
import { instrumentClient, Instrumented, instrumentService, renderMetrics } from 'thrift-metrics';

import { Locked, Vault } from './server/vault';

@Instrumented({ labels: { client: ({ args }) => String(args[1].headers['x-client']) } })
class VaultHandler implements Vault.IHandler<Request> {
  async open(key: string, context?: Request): Promise<string> {
    if (key === 'locked') throw new Locked({ message: 'no way' });
    if (key === 'broken') throw new TypeError('broken');
    return `opened with ${key} for ${context?.headers['x-client']}`;
  }

  knock(_times: number, _context?: Request): void {}
}

class Connection extends ThriftConnection {
  Transport = BufferedTransport;
  Protocol = BinaryProtocol;

  constructor(private readonly url: string) {
    super(BufferedTransport, BinaryProtocol);
  }

  async send(body: Buffer): Promise<Buffer> {
    const headers = { 'content-type': 'application/octet-stream', 'x-client': 'billing' };
    const response = await fetch(this.url, { method: 'POST', headers, body });
    return Buffer.from(await response.arrayBuffer());
  }
}

async function main() {
  const handler = new Vault.Processor<Request>(new VaultHandler());
  const options = { serviceName: 'vault', handler };
  const server = createThriftServer({ path: '/thrift', thriftOptions: options }).listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new Vault.Client(new Connection(`http://127.0.0.1:${port}/thrift`));
  const answers = [];
  for (const key of ['key', 'locked', 'broken']) {
    answers.push(
      await client.open(key).catch((error: Error) => `${error.constructor.name}: ${error.message}`),
    );
  }
  server.close();
  server.closeAllConnections();
  const refusals = [
    () => instrumentService(Vault),
    () => instrumentService(Vault.Processor),
    () => instrumentClient(client),
  ].map((use) => {
    try {
      use();
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  });
  const text = (await renderMetrics()).body.toString();
  console.log(JSON.stringify({ answers, refusals, text }));
}

void main();
