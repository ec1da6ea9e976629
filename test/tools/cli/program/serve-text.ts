import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

type Answer = string | ((request: http.IncomingMessage, response: http.ServerResponse) => void);

/**
 * Serves the given answers one after the other, repeating the last, until the test ends. A text is metrics, and the endpoint
 * does not describe itself.
 */
export async function serveText(...answers: readonly Answer[]): Promise<string> {
  let next = 0;
  const server = http.createServer((request, response) => {
    const current = answers[Math.min(next, answers.length - 1)] ?? '';
    if (typeof current === 'string' && request.url?.startsWith('/-/')) {
      response.statusCode = 404;
      return response.end();
    }
    next++;
    if (typeof current === 'function') return current(request, response);
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    return response.end(current);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
