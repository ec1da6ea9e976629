// A thread starts two threads that call a method which never returns. It terminates the first, and the main thread then
// terminates it. Prints the calls in progress and the requests after each step.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { instrumentHandler, renderMetrics } from 'thrift-metrics';

const start = (role) => new Worker(new URL(import.meta.url), { workerData: role });

if (isMainThread) {
  const parent = start('parent');
  await once(parent, 'message');
  console.log(await sums());
  parent.postMessage('terminate one');
  await once(parent, 'message');
  console.log(await sums());
  await parent.terminate();
  console.log(await sums());
} else if (workerData === 'parent') {
  const children = [start('child'), start('child')];
  await Promise.all(children.map((child) => once(child, 'message')));
  parentPort.postMessage('calling');
  await once(parentPort, 'message');
  await children[0].terminate();
  parentPort.postMessage('terminated');
  // Keeps the thread alive until it is terminated.
  parentPort.on('message', () => {});
} else {
  const handler = instrumentHandler({ wait: () => new Promise(() => {}) }, { service: 'Slow' });
  void handler.wait();
  parentPort.postMessage('calling');
  parentPort.on('message', () => {});
}

async function sums() {
  const { body } = await renderMetrics();
  const of = (name) => {
    const lines = body.toString().match(new RegExp(`^${name}\\{.* (\\d+)$`, 'gm')) ?? [];
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  };
  return `${of('thrift_server_active_requests')} of ${of('thrift_server_requests_total')}`;
}
