import { once } from 'node:events';
import type { Server } from 'node:net';

import { listen } from '../support/listen';
import { hangUp, thrift, type Service } from '../support/start-thrift';
import type { Generated } from './generated';
import type { Kind } from './handler-kinds';

export interface Played {
  readonly answers: unknown[];
  readonly state: unknown;
  readonly serverErrors: unknown[];
}

/** How the service and the handler of a kind are served. */
export interface Way {
  readonly service?: (service: Service) => Service;
  readonly handler?: (handler: object) => object;
  readonly createServer?: typeof thrift.createServer;
}

/** Calls both methods of a handler over a socket, before and after its change, two times each. */
export async function playKind(generated: Generated, kind: Kind, way: Way = {}): Promise<Played> {
  const { handler, state, change } = kind.create();
  const served = way.handler?.(handler) ?? handler;
  const service = way.service?.(generated.service) ?? generated.service;
  const createServer = way.createServer ?? thrift.createServer;
  const { port, errors, close } = await listen(createServer(service, served) as Server);
  const connection = thrift.createConnection('127.0.0.1', port, {});
  await once(connection, 'connect');
  const call = generated.createClient(connection);
  const answers: unknown[] = [];
  const callBoth = async (): Promise<void> => {
    answers.push(await answerOf(call('count')), await answerOf(call('twice', 4)));
  };
  try {
    await callBoth();
    change?.(served);
    await callBoth();
  } finally {
    hangUp(connection);
    await close();
  }
  return { answers, state: state?.(), serverErrors: errors };
}

/** The answer of a call. A call that has none for a second gets 'none'. */
async function answerOf(call: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const none = new Promise((resolve) => (timer = setTimeout(resolve, 1000, 'none')));
  try {
    return await Promise.race([call.catch((error: unknown) => String(error)), none]);
  } finally {
    clearTimeout(timer);
  }
}
