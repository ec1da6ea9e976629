// Ends by itself once it is told to: nothing but the metrics server is left then.
const { once } = require('node:events');
const thrift = require('thrift');
const { run } = require('./run.cjs');

async function main() {
  const { server, connection } = await run(thrift);
  const told = once(process, 'SIGTERM');
  console.log('waiting');
  await told;
  connection.end();
  server.close();
}

void main();
