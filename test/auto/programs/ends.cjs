// Has no work left once its calls are answered, and must then exit on its own.
const thrift = require('thrift');
const { run } = require('./run.cjs');

async function main() {
  const { server, connection } = await run(thrift);
  connection.end();
  server.close();
}

void main();
