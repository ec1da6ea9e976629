import type { Worker } from 'node:worker_threads';

/** Calls `started` for each thread that this one starts from now on, and `ended` when that thread has ended. */
export function watchThreads(started: (id: number) => void, ended: (id: number) => void): void {
  process.on('worker', (worker: Worker) => {
    // Read now, because it changes to -1 when the thread ends.
    const { threadId: id } = worker;
    started(id);
    worker.once('exit', () => ended(id));
  });
}
