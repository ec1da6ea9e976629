'use strict';
const { startMetricsServer } = require('thrift-metrics');

async function main() {
  const { port } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  await startMetricsServer({ port, host: '127.0.0.1' });
}

void main();
