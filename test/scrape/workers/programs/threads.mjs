// A program with worker threads whose main thread follows commands, like the primary of cluster.mjs.
// First, because it sets the clock that thrift-metrics finds.
import { obey, reports, watchTurns } from './obey.mjs';
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { renderMetrics } from 'thrift-metrics';

const workers = [];

async function lead(message) {
  const worker = workers[message.to];
  if (message.fork) {
    const started = new Worker(new URL(import.meta.url), { stderr: true });
    started.on('error', () => {});
    await once(started, 'message');
    workers.push(started);
  } else if (message.scrape) {
    const { contentType, body } = await renderMetrics(message.scrape);
    return { contentType, body: body.toString('latin1'), reports };
  } else if (message.kill) await worker.terminate();
  else if (message.end) {
    // `once` of node:events would reject on the error that ends the thread.
    const end = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage(message);
    return { code: await end };
  } else if (worker === undefined) obey(message);
  else {
    const answer = once(worker, 'message');
    worker.postMessage(message);
    if (!message.hang) return (await answer)[0];
  }
  return {};
}

const ENDS = {
  exits: () => process.exit(3),
  throws: () => {
    throw new Error('meant to end the thread');
  },
  finishes: () => parentPort.close(),
};

let turns;

if (isMainThread) {
  process.on('message', async (message) => process.send(await lead(message)));
} else {
  parentPort.on('message', (message) => {
    if (message.watchTurns) turns = watchTurns();
    obey(message);
    if (message.end) ENDS[message.end]();
    else parentPort.postMessage({ done: true, turns });
  });
  parentPort.postMessage('ready');
}
