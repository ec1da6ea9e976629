'use strict';

// A program without any metrics code: a Thrift server, and a client that calls it.
const events = require('node:events');
const thrift = require('thrift');

const Calculator = require('../callback-style/gen-nodejs-es5/Calculator');
const {
  InvalidOperation,
  Operation,
  Work,
} = require('../callback-style/gen-nodejs-es5/calculator_types');

const handler = {
  add: (left, right, result) => result(null, left + right),

  calculate(logid, { left, right, op }, result) {
    if (op === Operation.MULTIPLY) result(null, left * right);
    else result(new InvalidOperation({ operation: op, why: 'it only multiplies' }));
  },
};

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

async function main() {
  const server = thrift.createServer(Calculator, handler).listen(0, '127.0.0.1');
  server.on('error', console.error);
  await events.once(server, 'listening');
  const connection = thrift.createConnection('127.0.0.1', server.address().port, {});
  const client = thrift.createClient(Calculator, connection);
  const call = (method, ...args) =>
    new Promise((resolve) => {
      client[method](...args, (error, result) => {
        console.log(`${method} -> ${error ? error.name : result}`);
        resolve();
      });
    });
  for (const number of [1, 2, 3]) await call('add', number, number);
  await call('calculate', 1, new Work({ left: 6, right: 7, op: Operation.MULTIPLY }));
  await call('calculate', 2, new Work({ left: 1, right: 0, op: Operation.DIVIDE }));

  const stopped = events.once(process, 'SIGTERM');
  console.log('The program runs until it gets SIGTERM.');
  await stopped;
  connection.end();
  server.close();
}
