// Starts its own metrics server on the port that the automatic one would use.
import * as thrift from 'thrift';
import { startMetricsServer } from 'thrift-metrics';

import { run } from './run.cjs';

const server = await startMetricsServer({ port: Number(process.env.THRIFT_METRICS_PORT) });
await run(thrift);
console.log(`own server on ${server.port}`);
