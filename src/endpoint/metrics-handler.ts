import type { IncomingMessage, ServerResponse } from 'node:http';

import { renderMetrics } from '../exposition/render-metrics';

/** A request listener, as `node:http`, Express and others take it. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Answers every request it is given with the metrics, for an HTTP application that exists: mount it where Prometheus is
 * to scrape. GET and HEAD only.
 *
 * @example
 * http.createServer(metricsHandler()).listen(8000);
 */
export function metricsHandler(): RequestHandler {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(
        response,
        405,
        'text/plain; charset=utf-8',
        Buffer.from('GET and HEAD are allowed\n'),
        {
          Allow: 'GET, HEAD',
        },
      );
      return;
    }
    const { accept } = request.headers;
    void renderMetrics(accept === undefined ? {} : { accept }).then(
      ({ contentType, body }) => answer(response, 200, contentType, body),
      (error: unknown) =>
        answer(response, 500, 'text/plain; charset=utf-8', Buffer.from(`${String(error)}\n`)),
    );
  };
}

export function answer(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': body.length,
    ...headers,
  });
  // Node leaves the body away where the request was a HEAD.
  response.end(body);
}
