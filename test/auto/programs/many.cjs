// A Thrift service in many processes. The first process starts workers and obeys the test, which tells it over IPC to start
// one more, to kill one or to tell it something. Prints the port of each worker's service.
const cluster = require('node:cluster');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

const { KIND = 'cluster', PORT, OWN, WORKER_ARGS, MAIN_USES } = process.env;
const workers = [];

const isFirst = isMainThread && (KIND === 'threads' || cluster.isPrimary);

if (isFirst) {
  if (MAIN_USES) require('thrift-metrics').configureMetrics({ enabled: true });
  if (WORKER_ARGS !== undefined) cluster.setupPrimary({ execArgv: JSON.parse(WORKER_ARGS) });
  process.on('message', ({ fork, kill, index, say }) => {
    if (fork) start();
    else if (say !== undefined) sayTo(workers[index], say);
    else if (kill) {
      if (KIND === 'threads') void workers[index].terminate();
      else workers[index].process.kill(kill);
    }
  });
} else {
  const server = startService();
  server.on('error', console.error);
  server.listen(Number(KIND === 'cluster' ? PORT : 0), '127.0.0.1', () => {
    void serveMetrics().then(() => console.log(`serving ${server.address().port}`));
  });
  if (isMainThread) process.on('message', obey);
  else parentPort.on('message', obey);
  // Each cluster worker has a thread that serves, too.
  if (KIND === 'both' && isMainThread) new Worker(__filename);
}

function startService() {
  const thrift = require('thrift');
  const { handler } = require('./run.cjs');
  const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');
  const measured =
    OWN === undefined
      ? handler
      : require('thrift-metrics').instrumentHandler(handler, { service: 'Calculator' });
  return thrift.createServer(Calculator, measured);
}

function obey(command) {
  if (command === 'exit') process.exit(0);
  if (command === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function sayTo(worker, command) {
  if (KIND === 'threads') worker.postMessage(command);
  else worker.send(command);
}

async function serveMetrics() {
  // Threads cannot share a port.
  if (OWN === undefined || !isMainThread) return;
  const { startMetricsServer } = require('thrift-metrics');
  await startMetricsServer({ port: Number(OWN) });
}

function start() {
  const index = workers.length;
  const execArgv = WORKER_ARGS === undefined ? undefined : JSON.parse(WORKER_ARGS);
  workers.push(KIND === 'threads' ? new Worker(__filename, { execArgv }) : cluster.fork());
  workers[index].once('exit', () => console.log(`ended ${index}`));
}
