// Runs a primary, a cluster worker and a worker thread. Each prints a line when its metrics have another prefix.
const cluster = require('node:cluster');
const { isMainThread, Worker } = require('node:worker_threads');
const { instrument, renderMetrics } = require('../../../../dist/index.js');

const name = !isMainThread ? 'thread' : cluster.isPrimary ? 'primary' : 'worker';
instrument(() => {}, { service: 'Store', method: name })();

if (name === 'primary') {
  cluster.fork();
  new Worker(__filename);
}

async function watch() {
  // Only the primary sums the others, so each looks at its own metrics.
  const own = require('prom-client').register;
  await renderMetrics();
  let before = '';
  setInterval(async () => {
    const [, prefix = ''] = /^(\w*)thrift_server_requests_total/m.exec(await own.metrics()) ?? [];
    if (prefix !== before) console.log(`${name} has ${prefix}`);
    before = prefix;
  }, 20);
}

void watch();
