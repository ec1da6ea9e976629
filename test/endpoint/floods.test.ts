import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';

import type { Connection } from 'thrift';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Client } from '../../examples/calculator/gen-nodejs/Calculator.js';
import type { Limits } from '../../src/scrape/deadlines';
import { closing } from '../support/closing';
import { readSlowly } from '../support/read-slowly';
import { send } from '../support/send';
import { thrift } from '../support/start-thrift';
import type { Order } from './programs/attacked';

let program: ChildProcess;
let ended: Promise<never>;
let connection: Connection;
let client: Client;
let port: number;

beforeAll(async () => {
  const { PATH = '', HOME = '' } = process.env;
  program = fork(join(__dirname, 'programs/attacked.ts'), {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    env: { PATH, HOME },
  });
  ended = once(program, 'exit').then(([code]) => {
    throw new Error(`the program ended with ${String(code)}`);
  });
  connection = thrift.createConnection('127.0.0.1', (await message()) as number, {});
  await once(connection, 'connect');
  client = thrift.createClient(Client, connection);
});
afterAll(async () => {
  connection.destroy();
  const gone = once(program, 'exit');
  program.kill('SIGKILL');
  await gone;
});

async function message(): Promise<unknown> {
  const [value] = (await Promise.race([once(program, 'message'), ended])) as [unknown];
  return value;
}

function carryOut(order: Order): Promise<unknown> {
  const answer = message();
  program.send(order);
  return answer;
}

/** Opens connections that each send the same request, and reads what comes back unless they are paused. */
function connect(count: number, request: string): net.Socket[] {
  return Array.from({ length: count }, () => {
    const socket = net.connect(port, '127.0.0.1');
    // The server may hang up before it has read everything.
    socket.on('error', () => {}).resume();
    socket.write(request);
    return socket;
  });
}

async function ending(sockets: readonly net.Socket[]): Promise<void> {
  await Promise.all(sockets.map(closing));
}

interface Flood {
  readonly title: string;
  /** Connections of one flood. */
  readonly count: number;
  readonly limits?: Partial<Limits>;
  /** Resolves once the connections that end on their own are gone, with the others, which the server must end. */
  attack(count: number): Promise<net.Socket[] | void>;
}

const REQUESTS = 'thrift_server_requests_total';
const GET = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n';
const SMALL = GET.replace('/metrics', `/metrics?name[]=${REQUESTS}`);

const FLOODS: Flood[] = [
  {
    title: 'a flood of headers',
    count: 100,
    attack: (count) => ending(connect(count, `${GET}X: ${'x'.repeat(100_000)}\r\n\r\n`)),
  },
  {
    title: 'malformed headers',
    count: 100,
    attack: (count) => ending(connect(count, `${GET}:\u0000\r\n\r\n`)),
  },
  {
    title: 'bodies on GET',
    count: 50,
    attack: (count) => {
      const body = 'x'.repeat(1_000_000);
      const headers = `Connection: close\r\nContent-Length: ${body.length}\r\n`;
      return ending(connect(count, `${SMALL}${headers}\r\n${body}`));
    },
  },
  {
    title: 'requests that stop in the middle',
    count: 100,
    limits: { headersTimeout: 200, connectionsCheckingInterval: 20 },
    attack: (count) => ending(connect(count, GET)),
  },
  {
    title: 'readers that read nothing',
    count: 100,
    limits: { idleTimeout: 300 },
    attack: async (count) => connect(count, `${GET}\r\n`).map((socket) => socket.pause()),
  },
  {
    title: 'readers that read a little now and then',
    count: 100,
    limits: { responseTimeout: 300 },
    attack: async (count) => {
      // The buffers of the connection may take a whole answer in time. Then the connection must not wait for a request.
      const sockets = connect(count, `${GET}Connection: close\r\n\r\n`);
      for (const socket of sockets) readSlowly(socket, 10);
      return sockets;
    },
  },
  {
    title: '200 clients at once',
    count: 200,
    attack: async (count) => {
      const headers = { 'accept-encoding': 'gzip' };
      const answers = await Promise.all(
        Array.from({ length: count }, () => send(`http://127.0.0.1:${port}/metrics`, { headers })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    },
  },
  {
    title: 'clients that disconnect during an answer',
    count: 100,
    attack: async (count) => {
      const sockets = connect(count, `${GET}\r\n`);
      for (const socket of sockets) socket.once('data', () => socket.destroy());
      await ending(sockets);
    },
  },
  {
    title: 'clients that disconnect before their answer',
    count: 100,
    attack: async (count) => {
      const sockets = connect(count, `${GET}\r\n`);
      for (const socket of sockets)
        socket.once('ready', () => setImmediate(() => socket.destroy()));
      await ending(sockets);
    },
  },
];

/** Calls the service one call at a time until it is stopped. `calls` is the number of calls made before. */
function callSteadily(calls: number): { stop(): Promise<number> } {
  const stop = new AbortController();
  let made = calls;
  const calling = (async () => {
    do expect(await client.add(made, 1)).toBe(++made);
    while (!stop.signal.aborted);
    return made;
  })();
  return {
    stop: () => {
      stop.abort();
      return calling;
    },
  };
}

let calls = 0;

/** Runs one flood while calls continue, and returns the bytes of memory that are held after it. */
async function round({ count, attack }: Flood, floods: number): Promise<number> {
  const calling = callSteadily(calls);
  const left = (await attack(count)) ?? [];
  const open = await carryOut({ quietAfter: count * floods });
  calls = await calling.stop();
  expect(open).toEqual({ connections: 0, scrapes: 0 });
  for (const socket of left) socket.destroy();
  return (await carryOut('measure')) as number;
}

/** Rounds after which code and caches have taken the memory they need. */
const WARM_UP = 2;
const MEASURED = 6;

/** In milliseconds. On a busy machine the floods take several times as long as alone. */
const LONGEST_TEST = 120_000;

/** A leaked connection takes about two thousand, even without its request and its answer. */
const BYTES_PER_CONNECTION = 1000;

describe('the endpoint of a Thrift service', () => {
  it.each(FLOODS)(
    'the service answers calls during $title, and holds nothing afterwards',
    async (flood) => {
      port = (await carryOut({ limits: flood.limits ?? {} })) as number;
      const memory: number[] = [];
      for (let floods = 1; floods <= WARM_UP + MEASURED; floods++) {
        memory.push(await round(flood, floods));
      }

      // The minimum of several readings, because a single one may include memory that is about to be freed.
      const before = Math.min(...memory.slice(WARM_UP, WARM_UP + MEASURED / 2));
      const after = Math.min(...memory.slice(-MEASURED / 2));
      const allowed = (MEASURED / 2) * flood.count * BYTES_PER_CONNECTION;
      expect(after - before, memory.join()).toBeLessThan(allowed);
      const { text } = await send(`http://127.0.0.1:${port}/metrics?name[]=${REQUESTS}`);
      expect(text).toMatch(new RegExp(`^${REQUESTS}\\{.*thrift_method="add".*\\} ${calls}$`, 'm'));
    },
    LONGEST_TEST,
  );
});
