// Creates clients on one connection that stays open, and drops them: clients-in-memory.ts <bare | by hand | auto>
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

import { instrumentClient } from '../../../../src/index';
import { currentRuntime } from '../../../../src/runtime/runtime';
import { instrumentLibrary } from '../../../../src/thrift/library/instrument-library';
import { Library } from '../library';

const thrift = require('thrift');

const [, , way] = process.argv;
const CLIENTS = 20_000;

// Of the module, because a registry that is collected itself reports nothing.
const collected = { count: 0 };
const registry = new FinalizationRegistry(() => void collected.count++);

async function main(): Promise<void> {
  const server = net.createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = thrift.createConnection('127.0.0.1', port, {});
  await once(connection, 'connect');
  if (way === 'auto') instrumentLibrary(currentRuntime(), thrift);
  const create = (): object => {
    const client: object = thrift.createClient(Library, connection);
    if (way !== 'by hand') return client;
    return instrumentClient(client, {
      name: 'pool',
      connection,
      labels: { tier: 'gold', op: ({ method }) => method },
      failed: ({ result }) => result === -1,
    });
  };
  for (let i = 0; i < 200; i++) create();
  const before = await heap();
  for (let i = 0; i < CLIENTS; i++) {
    const client = create();
    if (i % 100 === 0) registry.register(client, null);
  }
  const bytes = ((await heap()) - before) / CLIENTS;
  console.log(JSON.stringify({ bytes: Math.round(bytes), collected: collected.count }));
  process.exit(0);
}

/** Measures the heap once garbage is collected and the finalizers have run. */
async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
}

void main();
