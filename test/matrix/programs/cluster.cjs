// A cluster whose workers end before anybody has asked for their metrics. Prints the calls that the primary serves.
const cluster = require('node:cluster');
const { once } = require('node:events');
const { instrument, renderMetrics } = require(process.argv[2]);

const run = instrument(() => {}, { service: 'Sum', method: 'run' });

async function serve() {
  const workers = [cluster.fork(), cluster.fork()];
  const ended = workers.map(async (worker) => {
    await counted(worker);
    const exit = once(worker, 'exit');
    worker.send('end');
    await exit;
  });
  await Promise.all(ended);
  const { body } = await renderMetrics();
  const [, calls] = /^thrift_server_requests_total\{.*\} (\d+)$/m.exec(String(body));
  console.log(calls);
}

/** Resolves when a worker has made its calls. It also sends messages of thrift-metrics. */
function counted(worker) {
  return new Promise((resolve) => {
    worker.on('message', (message) => message === 'counted' && resolve());
  });
}

if (cluster.isPrimary) {
  void serve();
} else {
  for (let call = 0; call < 3; call++) run();
  // Deno loses what a process sends if it exits at once.
  process.on('message', (message) => message === 'end' && process.exit(0));
  process.send('counted');
}
