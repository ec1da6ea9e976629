import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

type Answer = string | ((request: http.IncomingMessage, response: http.ServerResponse) => void);

/** Serves the given answers one after the other, repeating the last, until the test ends. */
export async function serveText(...answers: readonly Answer[]): Promise<string> {
  let next = 0;
  const server = http.createServer((request, response) => {
    const answer = answers[Math.min(next++, answers.length - 1)] ?? '';
    if (typeof answer === 'function') return answer(request, response);
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    return response.end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
