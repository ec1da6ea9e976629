import type { Cluster } from 'node:cluster';

/** A cluster worker has a channel to its primary; a program without one need not load the module. */
export function isClusterWorker(): boolean {
  return process.send !== undefined && (require('node:cluster') as Cluster).isWorker;
}
