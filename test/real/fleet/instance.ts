// Runs the server of the example and its load client. SIGUSR2 starts the load, and the next one ends it and prints what the
// client counted. This can be repeated. The metrics can be scraped until the program is stopped.
import { once } from 'node:events';

import { LoadClient } from '../../../examples/calculator/client';
import { type Options, readOptions } from '../../../examples/calculator/options';
import { startServer } from '../../../examples/calculator/server';

const METHODS = [
  'Calculator.add',
  'Calculator.calculate',
  'Calculator.factorize',
  'Calculator.mean',
  'Calculator.ping',
  'Calculator.reset',
  'Calculator.zip',
  'SharedService.getStruct',
  'SharedService.recentKeys',
];

async function main(): Promise<void> {
  const server = await startServer(readOptions(process.argv.slice(2)) as Options);
  console.log(`metrics ${server.metricsUrl}`);
  for (let run = 1; ; run++) {
    await once(process, 'SIGUSR2');
    const end = once(process, 'SIGUSR2');
    const client = new LoadClient(server.thriftPort);
    client.start();
    console.log(`calling ${run}`);
    await Promise.race([end, client.broken]);
    await client.stop();
    const counts = Object.fromEntries(METHODS.map((name) => [name, client.tally.of(name)]));
    console.log(`tally ${run} ${JSON.stringify({ total: client.tally.total, counts })}`);
  }
}

void main();
