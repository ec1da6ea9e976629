import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createClient, createConnection, createServer } from 'thrift';
import { instrumentClient, renderMetrics } from 'thrift-metrics';

import * as Calculator from '../calculator/gen-nodejs/Calculator.js';
import * as SharedService from '../calculator/gen-nodejs/SharedService.js';
import { BROKEN_KEY, CalculatorHandler, SILENT_KEY } from './calculator-handler.js';
import { EntriesHandler } from './entries-handler.js';

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

async function main(): Promise<void> {
  const backEnd = new CalculatorHandler();
  const calculator: Server = createServer(Calculator, backEnd);
  const accepted = once(calculator, 'connection') as Promise<[Socket]>;
  const connection = createConnection('127.0.0.1', await listen(calculator), {});

  // This is all it takes to measure the calls of a client.
  const client = instrumentClient(createClient(Calculator.Client, connection), {
    name: 'entries',
    connection,
  });

  const entries: Server = createServer(SharedService, new EntriesHandler(client, connection));
  const user = createConnection('127.0.0.1', await listen(entries), {});
  const users = createClient(SharedService.Client, user);
  for (const key of [7, 8, 100_000, BROKEN_KEY]) console.log(await answer(users, key));
  const silence = once(backEnd, 'silence');
  const late = answer(users, SILENT_KEY);
  await silence;
  await show(`While getStruct(${SILENT_KEY}) waits`, /_active_requests\{/);
  const [socket] = await accepted;
  socket.destroy();
  console.log(await late);
  await show(
    'After the calculator has hung up',
    /_requests(_total)?\{|_count\{|_errors_total\{.* [1-9]/,
  );

  user.end();
  entries.close();
  calculator.close();
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function answer(users: SharedService.Client, key: number): Promise<string> {
  const text = await users.getStruct(key).then(
    ({ value }) => value,
    (error: Error & { hint?: string }) => `${error.name}: ${error.hint ?? error.message}`,
  );
  return `getStruct(${key}) -> ${text}`;
}

/** Prints the metrics of the method that is called here, and of the method that it calls. */
async function show(when: string, which: RegExp): Promise<void> {
  const { body } = await renderMetrics();
  const samples = body
    .toString()
    .split('\n')
    .filter((line) => /^thrift_(client_.*"calculate"|server_.*"getStruct")/.test(line));
  console.log(`\n${when}:\n\n${samples.filter((line) => which.test(line)).join('\n')}\n`);
}
