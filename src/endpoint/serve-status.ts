import type { ServerResponse } from 'node:http';

import { milliseconds } from '../metrics/clock';
import { definePart, type Runtime } from '../runtime/runtime';
import { describeStatus } from '../tools/status/describe-status';
import { PROTECTION_HEADERS } from './respond';

/** Path of the status of a metrics server. `metricsHandler` answers it below the path where it is mounted. */
export const STATUS_PATH = '/-/status';

/** Most statuses that are described in a second, so that a flood of readers does not keep the process busy. */
const MOST_PER_SECOND = 10;

/** The latest status, which readers share once too many of them have come within a second. */
class SharedStatus {
  private latest: Buffer | null = null;
  private second = -1;
  private described = 0;

  constructor(private readonly runtime: Runtime) {}

  body(): Buffer {
    const second = Math.floor(milliseconds() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.described = 0;
    }
    if (this.latest === null || this.described < MOST_PER_SECOND) {
      this.described++;
      this.latest = Buffer.from(`${JSON.stringify(describeStatus(this.runtime))}\n`);
    }
    return this.latest;
  }
}

const sharedStatusOf = definePart('endpoint.status', (runtime) => new SharedStatus(runtime));

/** Responds with what this process measures and what it does not, as JSON. */
export function serveStatus(runtime: Runtime, response: ServerResponse): void {
  const body = sharedStatusOf(runtime).body();
  response.writeHead(200, {
    ...PROTECTION_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  });
  // Node.js omits the body of a response to HEAD.
  response.end(body);
}
