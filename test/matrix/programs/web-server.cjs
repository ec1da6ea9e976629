// A web server and one connection to it. Prints its counts, and the codes of what was reported.
const http = require('node:http');
const { configureMetrics, instrumentServer, renderMetrics } = require(process.argv[2]);

const reports = [];
configureMetrics({ onError: ({ code }) => reports.push(code) });

const server = instrumentServer(
  http.createServer((request, response) => request.resume().on('end', () => response.end('x'))),
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const options = { host: '127.0.0.1', port, method: 'POST', agent: false };
  const request = http.request(options, (response) => response.resume().on('end', print));
  request.end('y'.repeat(1000));
});

async function print() {
  const text = String((await renderMetrics()).body);
  const valueOf = (name) => {
    const found = new RegExp(`^${name}\\{thrift_transport="http"\\} (\\d+)$`, 'm').exec(text);
    return found === null ? null : Number(found[1]);
  };
  const received = valueOf('thrift_server_received_bytes_total');
  console.log(
    JSON.stringify({
      connections: valueOf('thrift_server_connections_total'),
      countsBytes: received === null ? null : received > 1000,
      reports,
    }),
  );
  process.exit(0);
}
