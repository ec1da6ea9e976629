import { isMainThread } from 'node:worker_threads';

import { definePart } from '../../runtime/runtime';
import type { EndpointStatus } from './process-status';
import { removeEndpointFile, writeEndpointFile } from './endpoint-file';

/** The endpoints that serve the metrics of this process. */
class ServedEndpoints {
  private readonly open = new Set<EndpointStatus>();
  private isPublished = false;

  all(): EndpointStatus[] {
    return [...this.open];
  }

  /** Adds an endpoint, and returns what removes it. `doctor` finds one with a URL by the id of the process. */
  add(endpoint: EndpointStatus): () => void {
    this.open.add(endpoint);
    this.publish();
    return () => {
      if (this.open.delete(endpoint)) this.publish();
    };
  }

  /** Adds `metricsHandler`. A program may create a handler for every request, so those that do not differ count as one. */
  addHandler({ auth, page, profile }: Pick<EndpointStatus, 'auth' | 'page' | 'profile'>): void {
    const startedBy = 'metricsHandler';
    const isKnown = this.all().some(
      (each) =>
        each.startedBy === startedBy &&
        each.auth === auth &&
        each.page === page &&
        each.profile === profile,
    );
    if (isKnown) return;
    this.open.add({ startedBy, url: null, path: null, tls: false, auth, page, profile });
  }

  private publish(): void {
    // Threads have the id of the process, and the endpoint of the main thread is the one to find.
    if (!isMainThread) return;
    if (!this.isPublished) {
      this.isPublished = true;
      process.once('exit', removeEndpointFile);
    }
    const urls = this.all().flatMap(({ url }) => url ?? []);
    if (urls.length === 0) removeEndpointFile();
    else writeEndpointFile(urls);
  }
}

export const servedEndpointsOf = definePart('status.endpoints', () => new ServedEndpoints());
