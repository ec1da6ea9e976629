// Preloaded before the program: serves the metrics only to those who have a token.
const { startMetricsServer, metricsHandler } = require('thrift-metrics');

const auth = { token: 'secret' };
if (process.env.MOUNTED) {
  const server = require('node:http').createServer(metricsHandler({ auth }));
  server.listen(Number(process.env.OWN), () => console.log('restricted'));
} else {
  void startMetricsServer({ port: Number(process.env.OWN), auth }).then(() =>
    console.log('restricted'),
  );
}
