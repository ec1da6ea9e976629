// Calls a Thrift server at a steady rate and reports the latencies, in milliseconds.
import { createRequire } from 'node:module';
import thrift from 'thrift';

const Calculator = createRequire(import.meta.url)(
  '../../examples/calculator/gen-nodejs/Calculator.js',
);

const connection = thrift.createConnection('127.0.0.1', Number(process.argv[2]), {});
const client = thrift.createClient(Calculator, connection);

/** Sends calls at a constant rate, whether earlier ones were answered or not, so that a stall delays all calls behind it. */
process.on('message', async ({ seconds, perMillisecond }) => {
  const latencies = [];
  const pending = [];
  const begin = performance.now();
  let sent = 0;
  while (performance.now() - begin < seconds * 1000) {
    const due = (performance.now() - begin) * perMillisecond;
    for (; sent < due; sent++) {
      const start = performance.now();
      pending.push(client.add(sent, 1).then(() => latencies.push(performance.now() - start)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  process.send(latencies);
});
process.send('ready');
