import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { closing } from '../support/closing';
import { readSlowly } from '../support/read-slowly';
import { send } from '../support/send';

const READERS = 500;
const SERIES = 5000;

let program: ChildProcess;
let port: number;

beforeAll(async () => {
  const { PATH = '', HOME = '' } = process.env;
  program = fork(join(__dirname, 'programs/hammered.ts'), [String(SERIES)], {
    execArgv: ['--import', 'tsx'],
    env: { PATH, HOME },
  });
  const [ports] = (await once(program, 'message')) as [{ metrics: number }];
  port = ports.metrics;
});
afterAll(async () => {
  const gone = once(program, 'exit');
  program.kill('SIGKILL');
  await gone;
});

/** The most memory that the program has held since the previous call, in bytes. */
async function peakMemory(): Promise<number> {
  const answer = once(program, 'message');
  program.send('peak');
  const [peak] = (await answer) as [number];
  return peak;
}

const ACCEPTED = [
  'text/plain',
  'application/openmetrics-text',
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
];
const SMALL = Array.from({ length: 10 });
const ENCODINGS = ['identity', 'gzip', 'br'];

/** A request that no other reader sends: the large metric, a set of small ones, and one that does not exist. */
function requestOf(reader: number): string {
  const names = [...SMALL.keys()].filter((i) => (reader >> i) % 2 === 1);
  const query = names.map((i) => `name[]=small_${i}&`).join('');
  return [
    `GET /metrics?name[]=large_seconds&${query}name[]=unknown_${reader} HTTP/1.1`,
    'Host: localhost',
    `Accept: ${ACCEPTED[reader % 3]}`,
    `Accept-Encoding: ${ENCODINGS[Math.floor(reader / 3) % 3]}`,
    `X-Prometheus-Scrape-Timeout-Seconds: ${5 + (reader % 20)}`,
    '\r\n',
  ].join('\r\n');
}

function connect(count: number, request: (reader: number) => string): net.Socket[] {
  return Array.from({ length: count }, (_, reader) => {
    const socket = net.connect(port, '127.0.0.1').on('error', () => {});
    socket.write(request(reader));
    return socket;
  });
}

const pause = (milliseconds: number): Promise<unknown> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const READS: Readonly<Record<string, (sockets: net.Socket[]) => Promise<unknown>>> = {
  'that read everything': (sockets) =>
    Promise.all(
      sockets.map((socket) => {
        socket.once('data', () => setTimeout(() => socket.destroy(), 2000)).resume();
        return closing(socket);
      }),
    ),
  'that never read': async (sockets) => {
    for (const socket of sockets) socket.pause();
    await pause(3000);
    for (const socket of sockets) socket.destroy();
  },
  'that read a little now and then': async (sockets) => {
    for (const socket of sockets) readSlowly(socket, 10);
    await pause(3000);
    for (const socket of sockets) socket.destroy();
  },
};

describe('500 hostile readers', () => {
  it.each(Object.entries(READS))(
    'hostile readers %s cost at most 64 MiB, and a scrape succeeds afterwards',
    async (_, read) => {
      const scrape = (): ReturnType<typeof send> => send(`http://127.0.0.1:${port}/metrics`);
      expect((await scrape()).status).toBe(200);
      await peakMemory();
      await pause(500);
      const idle = await peakMemory();

      await read(connect(READERS, requestOf));

      const growth = (await peakMemory()) - idle;
      expect((await scrape()).status).toBe(200);
      expect(growth / 2 ** 20).toBeLessThan(64);
    },
  );
});
