const thrift = require('thrift');
const { call, handler } = require('./run.cjs');
const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');

const processor = new thrift.MultiplexedProcessor();
processor.registerProcessor('calculator', new Calculator.Processor(handler));
const server = thrift.createMultiplexServer(processor);
server.on('error', console.error);
server.listen(0, '127.0.0.1', () => {
  const connection = thrift.createConnection('127.0.0.1', server.address().port, {});
  connection.on('error', console.error);
  void call(new thrift.Multiplexer().createClient('calculator', Calculator, connection));
});
