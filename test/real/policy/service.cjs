// A service in plain JavaScript that knows nothing of metrics, with a client that calls it until the process ends.
const net = require('node:net');
const thrift = require('thrift');
const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');

const handler = {
  async ping() {},
  add: (left, right) => left + right,
  mean(values, result) {
    if (values.length === 0) result(new RangeError('the mean of no values'));
    else result(null, values.reduce((sum, value) => sum + value, 0) / values.length);
  },
};

const listen = (server) =>
  new Promise((resolve) => {
    server.on('error', () => {});
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });

async function main() {
  const port = await listen(thrift.createServer(Calculator, handler));
  await listen(thrift.createServer(Calculator, handler, { tls: {} }));
  // Not a message of Thrift.
  net
    .connect(port, '127.0.0.1')
    .on('error', () => {})
    .end(Buffer.from('80020001000000', 'hex'));
  const client = thrift.createClient(Calculator, thrift.createConnection('127.0.0.1', port, {}));
  setInterval(() => {
    client.ping().catch(() => {});
    client.add(1, 2).catch(() => {});
    client.mean([]).catch(() => {});
    client.mean([1]).catch(() => {});
  }, 50);
}

void main();
