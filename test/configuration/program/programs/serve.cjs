// A program under `thrift-metrics/auto`: makes the calls of test/auto/programs/run.cjs, and calls of a function with a label
// of each call, then prints a line and runs until it is stopped.
const thrift = require('thrift');
const { instrument } = require('../../../../dist/index.js');
const { run } = require('../../../auto/programs/run.cjs');

async function main() {
  const find = instrument((key) => key, {
    service: 'Store',
    method: 'find',
    labels: { key: (call) => call.args[0] },
  });
  for (const key of ['a', 'b', 'c']) find(key);
  await run(thrift);
  // What was found wrong is reported after the program has been loaded, and so is on standard error by now.
  console.log('ready');
}

void main();
