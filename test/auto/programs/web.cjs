const thrift = require('thrift');
const { call, handler } = require('./run.cjs');
const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');

const server = thrift.createWebServer({
  services: { '/calculator': { processor: Calculator, handler } },
});
server.listen(0, '127.0.0.1', () => {
  const connection = thrift.createHttpConnection('127.0.0.1', server.address().port, {
    path: '/calculator',
  });
  connection.on('error', console.error);
  void call(thrift.createHttpClient(Calculator, connection));
});
