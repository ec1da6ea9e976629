// Calls `add` over one connection with a fixed number of calls in progress. The argument selects the client: bare,
// instrumented or byHand.
import { createRequire } from 'node:module';
import thrift from 'thrift';
import { instrumentClient } from 'thrift-metrics';

import { active, errors, latency, requests } from '../by-hand.mjs';

const IN_FLIGHT = 32;

const Calculator = createRequire(import.meta.url)(
  '../../examples/calculator/gen-nodejs/Calculator.js',
);
const [, , kind, port] = process.argv;
const connection = thrift.createConnection('127.0.0.1', Number(port), {});
const bare = thrift.createClient(Calculator, connection);

/** Records the four metrics of a client by hand. */
function byHand() {
  const labels = { thrift_service: 'Calculator', thrift_method: 'add' };
  return async (left, right) => {
    requests.inc(labels);
    active.inc(labels);
    const end = latency.startTimer(labels);
    try {
      const sum = await bare.add(left, right);
      end({ thrift_success: 'true' });
      return sum;
    } catch (error) {
      end({ thrift_success: 'false' });
      errors.inc({ ...labels, thrift_exception_type: error.name });
      throw error;
    } finally {
      active.dec(labels);
    }
  };
}

const CLIENTS = {
  bare: () => (left, right) => bare.add(left, right),
  instrumented: () => {
    const measured = instrumentClient(bare, { name: 'bench' });
    return (left, right) => measured.add(left, right);
  },
  byHand,
};

const add = CLIENTS[kind]();

process.on('message', async (milliseconds) => {
  const end = performance.now() + milliseconds;
  let answered = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await add(1, 2);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  process.send(answered);
});
process.send('ready');
