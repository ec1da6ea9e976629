import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Resolves when a response has its turn on its connection: at once, or after the responses to the requests that the client
 * has sent before it without waiting for them.
 *
 * Node.js emits no `close` for a response that still waits when its connection ends. Whatever such a response holds would
 * therefore never be released, so it must not take anything before its turn. The promise then never settles, and is
 * collected together with the response.
 */
export async function turnOf(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (isQueued(request, response)) {
    await new Promise((resolve) => void response.once('socket', resolve));
  }
}

/** Whether another response is being sent on the connection. Node.js queues by the same private property. */
function isQueued({ socket }: IncomingMessage, response: ServerResponse): boolean {
  const { _httpMessage: current } = (socket ?? {}) as { _httpMessage?: ServerResponse | null };
  return response.socket === null && current instanceof Object && current !== response;
}
