// The target `apache`, whose code runs on Thrift's own library.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

import thrift from 'thrift';
import {
  Instrumented,
  instrumentClient,
  instrumentServer,
  instrumentService,
  renderMetrics,
} from 'thrift-metrics';

import { Locked, Vault } from './apache/vault';

const unhandled: string[] = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error)));

@Instrumented
class VaultHandler {
  async open(key: string): Promise<string> {
    if (key === 'locked') throw new Locked({ message: 'no way' });
    if (key === 'broken') throw new TypeError('broken');
    return `opened with ${key}`;
  }

  knock(_times: number): void {}
}

async function main() {
  const service = instrumentService(Vault as never);
  const server = instrumentServer(thrift.createServer(service, new VaultHandler())) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = thrift.createConnection('127.0.0.1', port, {});
  const client = thrift.createClient(Vault as never, connection) as unknown as InstanceType<
    typeof Vault.Client
  >;
  const answers = [];
  for (const key of ['key', 'locked', 'broken']) {
    answers.push(
      await client.open(key).catch((error: Error) => `${error.constructor.name}: ${error.message}`),
    );
  }
  let refusal: unknown;
  try {
    instrumentClient(client);
  } catch (error) {
    refusal = (error as { code?: string }).code;
  }
  connection.end();
  server.close();
  const text = (await renderMetrics()).body.toString();
  console.log(JSON.stringify({ answers, refusal, unhandled, text }));
}

void main();
