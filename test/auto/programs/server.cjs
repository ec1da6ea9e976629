// A Thrift service without measurements of its own, as npm and process managers start it.
const thrift = require('thrift');
const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');
const { handler } = require('./run.cjs');

const server = thrift.createServer(Calculator, handler);
server.on('error', console.error);
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));

exports.server = server;
