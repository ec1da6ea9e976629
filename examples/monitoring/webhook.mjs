// Receives notifications from Alertmanager and prints a line for each alert. It stands in for a paging service.
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
// As the first process of a container, Node.js ignores signals that it does not handle.
process.once('SIGTERM', () => process.exit());
