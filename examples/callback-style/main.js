'use strict';

const assert = require('node:assert/strict');
const events = require('node:events');
const thrift = require('thrift');
const { instrumentHandler, startMetricsServer } = require('thrift-metrics');

const Calculator = require('./gen-nodejs-es5/Calculator');
const { InvalidOperation, Operation, Work } = require('./gen-nodejs-es5/calculator_types');
const { NotFound } = require('./gen-nodejs-es5/shared_types');
const { calculator, shared } = require('./handlers');

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

async function main() {
  const server = thrift.createServer(Calculator, measured()).listen(0, '127.0.0.1');
  await events.once(server, 'listening');
  const metrics = await startMetricsServer({ port: 0 });

  await callCalculator(server.address().port);

  const scraped = await (await fetch(`http://localhost:${metrics.port}/metrics`)).text();
  console.log(worthShowing(scraped).join('\n'));
  check(scraped);

  server.close();
  await metrics.close();
}

/** Combines the handlers of the service and of the one it extends, each measured under its own name. */
function measured() {
  return {
    ...instrumentHandler(calculator, { service: 'Calculator', exceptions: [InvalidOperation] }),
    ...instrumentHandler(shared, { service: 'SharedService', exceptions: [NotFound] }),
  };
}

async function callCalculator(port) {
  const connection = thrift.createConnection('127.0.0.1', port, {});
  const client = thrift.createClient(Calculator, connection);
  const call = (method, ...args) =>
    new Promise((resolve) => {
      client[method](...args, (error, result) => {
        console.log(`${method} -> ${error ? describe(error) : result}`);
        resolve();
      });
    });
  await call('zip');
  await call('calculate', 1, new Work({ left: 6, right: 7, op: Operation.MULTIPLY }));
  await call('calculate', 2, new Work({ left: 1, right: 0, op: Operation.DIVIDE }));
  await call('mean', []);
  await call('getStruct', 7);
  connection.end();
  await events.once(connection, 'close');
}

function describe(error) {
  return `${error.name}: ${error.why ?? error.hint ?? error.message}`;
}

/** Selects the requests of every method and all other samples that are not 0, without buckets and sums. */
function worthShowing(scraped) {
  return scraped
    .split('\n')
    .filter((line) => line.startsWith('thrift_server_') && !/_(bucket|sum)\{/.test(line))
    .filter((line) => line.includes('_requests_total{') || !line.endsWith(' 0'));
}

/** Fails unless the scrape matches the calls above. */
function check(scraped) {
  const lines = scraped.split('\n');
  for (const [family, label, value] of [
    ['thrift_server_requests_total', 'thrift_method="calculate"', 2],
    ['thrift_server_requests_total', 'thrift_method="zip"', 1],
    ['thrift_server_requests_total', 'thrift_method="reset"', 0],
    ['thrift_server_errors_total', 'thrift_exception_type="InvalidOperation"', 1],
    ['thrift_server_errors_total', 'thrift_exception_type="RangeError"', 1],
    ['thrift_server_errors_total', 'thrift_exception_type="NotFound"', 1],
    ['thrift_server_requests_total', 'thrift_service="SharedService"', 1],
    ['thrift_server_active_requests', 'thrift_method="calculate"', 0],
  ]) {
    const found = lines.some(
      (line) => line.startsWith(`${family}{`) && line.includes(label) && line.endsWith(` ${value}`),
    );
    assert.ok(found, `expected a sample of ${family} with ${label} to be ${value}`);
  }
}
