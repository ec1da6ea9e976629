import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Webhook<Message> {
  readonly url: string;
  /** Resolves with the first matching message, whether received before or later. */
  receives(fits: (message: Message) => boolean): Promise<Message>;
  stop(): Promise<void>;
}

/** Starts a server on a free port that keeps what is posted to it. */
export async function startWebhook<Message>(): Promise<Webhook<Message>> {
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    messages.push((await json(request)) as Message);
    response.end();
    for (const look of waiting) look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    receives: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = messages.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
