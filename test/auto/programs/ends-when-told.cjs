// Closes everything but the metrics server on SIGTERM, and must then exit on its own.
const { once } = require('node:events');
const thrift = require('thrift');
const { run } = require('./run.cjs');

async function main() {
  const { server, connection } = await run(thrift);
  const signalled = once(process, 'SIGTERM');
  console.log('waiting');
  await signalled;
  connection.end();
  server.close();
}

void main();
