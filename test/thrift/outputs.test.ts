import { once } from 'node:events';

import type { TClientConstructor } from 'thrift';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  Instrumented,
  instrumentClient,
  instrumentHandler,
  instrumentService,
  resetMetrics,
} from '../../src/index';
import { hangUp, startThrift, thrift } from '../support/start-thrift';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import {
  countsOf as clientCountsOf,
  failedWith as clientFailedWith,
  SUCCEEDED as CLIENT_SUCCEEDED,
} from './client/client-counts';
import { callOf, load, type AnyClient, type Generated, type Types } from './generated';
import { countsOf, failedWith, SUCCEEDED } from './handler-counts';
import { outputs } from './outputs';
import { portrait } from './portrait';
import { countsOf as messageCountsOf } from './service/message-counts';

// Other tests of Thrift run with the newest output in ES6 and ES5, and in the matrix with every output.

type Answer = (error: unknown, result?: unknown) => void;

beforeEach(resetMetrics);

/** A handler class in both styles, with calls that end in each way. */
function handlerClass({ Refused, Missing, Item }: Types) {
  return class {
    ping(answer: Answer): void {
      answer(null);
    }

    async twice(number: number): Promise<number> {
      if (number < 0) throw new Refused({ why: 'negative' });
      return 2 * number;
    }

    divide(left: number, right: number, answer: Answer): void {
      if (right === 0) answer(new RangeError('by 0'));
      else answer(null, left / right);
    }

    async find(id: number) {
      if (id === 0) throw new Missing({ id });
      return new Item({ id, title: 'found' });
    }

    /** Throws at once, in promise style. */
    count(): number {
      throw new Refused({ why: 'at once' });
    }

    note(_text: string): void {}
  };
}

interface Way {
  readonly handler: (Handler: new () => object) => object;
  readonly service?: (service: Generated['service']) => Generated['service'];
  readonly client?: (client: AnyClient) => AnyClient;
}

const bareHandler = (Handler: new () => object): object => new Handler();
const decorated = (Handler: new () => object): object =>
  new (Instrumented({ service: 'Library' })(Handler) ?? Handler)();
const instrumented = (Handler: new () => object): object =>
  instrumentHandler(new Handler(), { service: 'Library' });
const client: NonNullable<Way['client']> = (made) => instrumentClient(made, { name: 'outputs' });

const WAYS: readonly [string, Way][] = [
  ['a decorated class', { handler: decorated }],
  ['instrumentHandler', { handler: instrumented }],
  [
    'a decorated class, its service and its client',
    { handler: decorated, service: instrumentService, client },
  ],
  [
    'instrumentHandler, the service and the client',
    { handler: instrumented, service: instrumentService, client },
  ],
];

const CALLS = [
  ['twice', 21],
  ['twice', -1],
  ['divide', 6, 3],
  ['divide', 1, 0],
  ['find', 7],
  ['find', 0],
  ['note', 'text'],
  ['ping'],
] as const;

/** The outcome of each call, and of one that throws at once, which not every output answers. */
async function play(generated: Generated, way: Way): Promise<unknown> {
  const service = (way.service ?? ((same) => same))(generated.service);
  const server = await startThrift(service, way.handler(handlerClass(generated.types)));
  const connection = thrift.createConnection('127.0.0.1', server.port, {});
  onTestFinished(async () => {
    hangUp(connection);
    await server.close();
  });
  connection.on('error', () => {});
  await once(connection, 'connect');
  const { Client } = generated.service as unknown as {
    Client: TClientConstructor<AnyClient>;
  };
  const made = thrift.createClient(Client, connection);
  const subject = (way.client ?? ((same) => same))(made);
  const call = callOf(generated);
  const outcome = async (method: keyof AnyClient, ...args: unknown[]): Promise<unknown> => {
    const settled = call(subject, method, args).then(
      (result) => ({ result }),
      (error: unknown) => ({ error: portrait(error, generated.types) }),
    );
    const closed = new Promise((resolve) => void connection.once('close', () => resolve('closed')));
    return Promise.race([settled, closed]);
  };
  const outcomes: unknown[] = [];
  const unhandled = await unhandledRejectionsOf(async () => {
    for (const [method, ...args] of CALLS) outcomes.push(await outcome(method, ...args));
    outcomes.push(await outcome('count'));
  });
  return { outcomes, unhandled: unhandled.map(String), errors: server.errors.map(String) };
}

/** The counts of a successful call after a failed one. */
const both = <Counts extends { requests: number; succeeded: number }>(failed: Counts): Counts => ({
  ...failed,
  requests: 2,
  succeeded: 1,
});

describe.each(outputs.map(load))('generated code in $style', (generated) => {
  test.each(WAYS)(
    '%s: answers and errors are as without, and each call is counted',
    async (_, way) => {
      const bare = (await play(generated, { handler: bareHandler })) as { outcomes: unknown[] };
      expect(bare.outcomes).toMatchObject([
        { result: 42 },
        { error: { class: 'Refused', why: 'negative' } },
        { result: 2 },
        { error: { class: 'TApplicationException', message: 'by 0' } },
        { result: { id: 7, title: 'found' } },
        { error: { class: 'Missing', id: 0 } },
        { result: undefined },
        { result: undefined },
        // 0.17 in ES6 closes the connection. The others answer.
        generated.style === 'ES6 of 0.17'
          ? expect.stringMatching('closed')
          : { error: { class: 'Refused', why: 'at once' } },
      ]);
      resetMetrics();

      expect(await play(generated, way)).toEqual(bare);

      expect(await countsOf('twice')).toEqual(both(failedWith('declared Refused')));
      expect(await countsOf('divide')).toEqual(both(failedWith('undeclared RangeError')));
      expect(await countsOf('find')).toEqual(both(failedWith('declared Missing')));
      expect(await countsOf('count')).toEqual(failedWith('declared Refused'));
      expect(await countsOf('note')).toEqual(SUCCEEDED);
      if (way.service !== undefined) {
        expect((await messageCountsOf('twice')).messages).toEqual({ 'call reply': 2 });
        expect((await messageCountsOf('divide')).messages).toEqual({
          'call reply': 1,
          'call exception': 1,
        });
        expect((await messageCountsOf('note')).messages).toEqual({ 'oneway none': 1 });
      }
      if (way.client !== undefined) {
        const of = (method: string) => clientCountsOf('outputs', method);
        expect(await of('twice')).toEqual(both(clientFailedWith('declared Refused')));
        expect(await of('divide')).toEqual(
          both(clientFailedWith('application TApplicationException')),
        );
        expect(await of('find')).toEqual(both(clientFailedWith('declared Missing')));
        expect(await of('note')).toEqual(CLIENT_SUCCEEDED);
      }
    },
  );
});
