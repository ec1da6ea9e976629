// Shared by every program in this folder: starts a server, connects a client and makes some calls.
const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');
const {
  InvalidOperation,
  Operation,
  Work,
} = require('../../../examples/calculator/gen-nodejs/calculator_types.js');

/** Has no decorators, and a helper that is not a method of the service. */
exports.handler = {
  async ping() {},
  add: (left, right) => left + right,
  async calculate(_logid, work) {
    if (work.op === Operation.DIVIDE && work.right === 0) {
      throw new InvalidOperation({ operation: work.op, why: this.explain() });
    }
    return work.left * work.right;
  },
  mean(values, result) {
    if (values.length === 0) result(new RangeError('the mean of no values'));
    else result(null, values.reduce((sum, value) => sum + value, 0) / values.length);
  },
  explain: () => 'division by 0',
};

/** Makes a known set of calls through a client, then prints a line. */
exports.call = async function call(client) {
  await client.ping();
  for (let i = 0; i < 3; i++) await client.add(i, 1);
  const work = (op) => new Work({ left: 6, right: 0, op });
  await client.calculate(1, work(Operation.MULTIPLY));
  const declared = await client.calculate(2, work(Operation.DIVIDE)).catch((error) => error.why);
  const undeclared = await client.mean([]).catch((error) => error.message);
  await client.mean([1, 2]);
  console.log(`called: ${declared}, ${undeclared}`);
};

exports.run = async function run(
  { createServer, createConnection, createClient },
  handler = exports.handler,
) {
  const server = createServer(Calculator, handler);
  server.on('error', console.error);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = createConnection('127.0.0.1', server.address().port, {});
  connection.on('error', console.error);
  await exports.call(createClient(Calculator, connection));
  return { server, connection };
};
