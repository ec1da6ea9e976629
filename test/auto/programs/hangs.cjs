// A Thrift service without measurements of its own, one of whose methods never answers. Prints its port.
const thrift = require('thrift');
const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');

const server = thrift.createServer(Calculator, {
  add: (_left, _right) => new Promise(() => {}),
});
server.on('error', console.error);
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
