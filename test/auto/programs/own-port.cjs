// A Thrift service whose own HTTP server listens on the port of the metrics, once it is told to.
const { server } = require('./server.cjs');

process.stdin.once('data', () => {
  require('node:http')
    .createServer((_request, response) => response.end(server.listening ? 'own' : 'alone'))
    .listen(Number(process.env.THRIFT_METRICS_PORT), () => console.log('own server listens'));
});
