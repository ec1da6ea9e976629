// Has nothing to do any more once its calls are answered: it is to end by itself.
const thrift = require('thrift');
const { run } = require('./run.cjs');

async function main() {
  const { server, connection } = await run(thrift);
  connection.end();
  server.close();
}

void main();
