// node server.mjs <compiled user code>: runs a Thrift server with that handler on a free port.
import { createRequire } from 'node:module';
import thrift from 'thrift';

const { CalculatorHandler } = await import(process.argv[2]);
const Calculator = createRequire(import.meta.url)(
  '../../../examples/calculator/gen-nodejs/Calculator.js',
);
const server = thrift.createServer(Calculator, new CalculatorHandler());
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
