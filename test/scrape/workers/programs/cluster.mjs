// A cluster whose primary follows commands over IPC: { fork }, { scrape }, { kill } and { end } for the worker { to }, and
// those of obey.mjs, which the worker { to } follows, or else the primary.
// First, because it sets the clock that thrift-metrics finds.
import { obey, reports, watchTurns } from './obey.mjs';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { AggregatorRegistry } from 'prom-client';
import { renderMetrics } from 'thrift-metrics';

const workers = [];

/** Resolves with the next message that is not from thrift-metrics. */
function answerOf(worker) {
  return new Promise((resolve) => {
    worker.on('message', function listen(message) {
      if (message.done !== true) return;
      worker.off('message', listen);
      resolve(message);
    });
  });
}

async function ended(worker) {
  // The events come in either order.
  const [[code]] = await Promise.all([once(worker, 'exit'), once(worker, 'disconnect')]);
  return { code };
}

async function lead(message) {
  const worker = workers[message.to];
  if (message.fork) {
    const forked = cluster.fork();
    await answerOf(forked);
    workers.push(forked);
  } else if (message.scrape) {
    const { contentType, body } = await renderMetrics(message.scrape);
    return { contentType, body: body.toString('latin1'), reports };
  } else if (message.clusterMetrics) {
    return { body: await new AggregatorRegistry().clusterMetrics() };
  } else if (message.kill) {
    const end = ended(worker);
    worker.process.kill('SIGKILL');
    return end;
  } else if (message.end) {
    const end = ended(worker);
    if (message.end === 'disconnected by the primary') worker.disconnect();
    else worker.send(message);
    return end;
  } else if (worker === undefined) obey(message);
  else {
    const answer = answerOf(worker);
    worker.send(message);
    if (!message.hang) return answer;
  }
  return {};
}

const ENDS = {
  exits: () => process.exit(3),
  throws: () => {
    throw new Error('meant to end the worker');
  },
  disconnects: () => cluster.worker.disconnect(),
  'closes the channel': () => process.disconnect(),
  'counts after its channel is closed': (message) => {
    process.disconnect();
    process.once('disconnect', () => obey({ times: message.late }));
  },
};

let turns;

if (cluster.isPrimary) {
  // Keeps the error that ends a worker out of the test log.
  cluster.setupPrimary({ silent: true });
  process.on('message', async (message) => process.send(await lead(message)));
} else {
  // The client library answers only if an AggregatorRegistry exists.
  new AggregatorRegistry();
  process.on('message', (message) => {
    if (message.type !== undefined) return;
    if (message.watchTurns) turns = watchTurns();
    obey(message);
    if (message.end) ENDS[message.end](message);
    else process.send({ done: true, turns });
  });
  process.send({ done: true });
}
