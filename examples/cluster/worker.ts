import cluster from 'node:cluster';
import { createServer } from 'thrift';
import { Counted, Instrumented } from 'thrift-metrics';

import * as Calculator from '../calculator/gen-nodejs/Calculator.js';

@Instrumented
class CalculatorHandler {
  /** Counted a second time by worker, to show who did what: without such a label all workers are one series. */
  @Counted
  @Counted('worker_requests_total', { labels: { worker: String(cluster.worker?.id) } })
  async add(left: number, right: number): Promise<number> {
    return left + right;
  }
}

// For port 0 the primary opens one free port, and gives it to every worker.
createServer(Calculator, new CalculatorHandler()).listen(0, '127.0.0.1');
