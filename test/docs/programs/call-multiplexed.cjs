// node --import tsx call-multiplexed.cjs <module> <port> <name>.<method> …: loads a module that starts a multiplexed server,
// calls these methods, and prints the counts.
'use strict';
const { resolve } = require('node:path');
const thrift = require('thrift');
const { renderMetrics } = require('thrift-metrics');

const GENERATED = { getStruct: 'SharedService', add: 'Calculator', ping: 'Calculator' };
const ARGUMENTS = { getStruct: [1], add: [1, 2], ping: [] };

const [module_, port, ...calls] = process.argv.slice(2);
require(resolve(module_));

async function main() {
  for (const call of calls) {
    const [name, method] = call.split('.');
    const service = require(resolve(module_, '../gen-nodejs', `${GENERATED[method]}.js`));
    const connection = thrift.createConnection('localhost', Number(port), {});
    const client = new thrift.Multiplexer().createClient(name, service, connection);
    await client[method](...ARGUMENTS[method]);
    connection.end();
  }
  const names = ['thrift_server_requests_total', 'thrift_server_messages_total'];
  const { body } = await renderMetrics({ names });
  console.log(body.toString());
  process.exit(0);
}

void main();
