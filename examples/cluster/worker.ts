import cluster from 'node:cluster';
import { createServer } from 'thrift';
import { Counted, Instrumented } from 'thrift-metrics';

import * as Calculator from '../calculator/gen-nodejs/Calculator.js';

@Instrumented
class CalculatorHandler {
  /** The second counter has a label for the worker. Without one, all workers share a series. */
  @Counted
  @Counted('worker_requests_total', { labels: { worker: String(cluster.worker?.id) } })
  async add(left: number, right: number): Promise<number> {
    return left + right;
  }
}

// For port 0, the primary opens one free port and shares it with every worker.
createServer(Calculator, new CalculatorHandler()).listen(0, '127.0.0.1');
