// Receives what Alertmanager sends and prints a line for each alert: a stand-in for what pages people.
//   node webhook.mjs [port]
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

const port = Number(process.argv[2] ?? 8080);

const server = createServer(async (request, response) => {
  try {
    const { alerts } = await json(request);
    for (const { status, labels, annotations } of alerts) {
      const { alertname, ...others } = labels;
      const { summary = 'no summary' } = annotations;
      console.log(`${request.url} ${status} ${alertname}: ${summary} ${JSON.stringify(others)}`);
    }
    response.writeHead(200).end();
  } catch (error) {
    response.writeHead(400).end(`${String(error)}\n`);
  }
});

server.listen(port, () => console.log(`listening on port ${server.address().port}`));
// Node.js as the first process of a container does not end by a signal that it does not handle.
process.once('SIGTERM', () => process.exit());
