import fastify from 'fastify';
import metrics from 'fastify-metrics';
import { configureMetrics, instrumentHandler, startMetricsServer } from 'thrift-metrics';

const [mode] = process.argv.slice(2);
const codes = [];
configureMetrics({ onError: ({ code }) => codes.push(code) });
const handler = instrumentHandler({ add: async () => 1 }, { service: 'Calculator' });
const server = mode === 'server' ? await startMetricsServer({ port: 0, host: '127.0.0.1' }) : null;

const app = fastify();
await app.register(metrics.default ?? metrics, {
  endpoint: '/metrics',
  clearRegisterOnInit: mode === 'clear',
});
await app.ready();
await handler.add();
const { statusCode, body } = await app.inject('/metrics');
console.log(
  JSON.stringify({
    statusCode,
    hasOurs: body.includes('thrift_server_requests_total{'),
    hasProcess: body.includes('process_cpu_user_seconds_total'),
    codes,
  }),
);
await server?.close();
await app.close();
