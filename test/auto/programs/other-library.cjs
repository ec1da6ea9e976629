// A decorated handler that another library than thrift serves.
const { createServer } = require('node:net');
const { instrumentHandler } = require('thrift-metrics');

const handler = instrumentHandler({ add: (left, right) => left + right }, { service: 'Other' });
createServer().listen(0, () => console.log(handler.add(1, 2)));
