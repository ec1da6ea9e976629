import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { compileProgram } from '../../support/compile-program';
import { startProgram, type Ended } from '../../support/start-program';
import { framed, int32, PING, REPLY_TO_PING } from './messages';
import { until } from './start-server';
import { post, UPGRADE } from './wires';

type Attack = (client: Socket) => unknown;

const compiled = compileProgram(join(__dirname, 'programs/server.ts'));

async function start(...args: string[]) {
  const program = startProgram(process.execPath, [await compiled, ...args]);
  onTestFinished(() => program.stop());
  const [, port = ''] = await program.writes(/port (\d+)/);
  const connect = async (): Promise<Socket> => {
    const client = net.connect(Number(port), '127.0.0.1').on('error', () => {});
    onTestFinished(() => void client.destroy());
    await once(client, 'connect');
    return client;
  };
  return { program, connect };
}

/** How a program ended, without the stack and what differs from run to run. */
function endingOf({ code, stdout, stderr }: Ended) {
  const lines = stderr.split('\n').filter((line) => !/^\s+at |^Emitted |^$/.test(line));
  return { code, stdout: stdout.replace(/port \d+/, 'port'), lines };
}

async function attacked(attack: Attack, args: string[]) {
  const { program, connect } = await start(...args);
  await attack(await connect());
  return endingOf(await program.ended);
}

const reset: Attack = (client) => client.resetAndDestroy();
const garbage: Attack = (client) => client.write(framed(Buffer.from([0x90, 1, 0, 1])));
const oversize: Attack = (client) => client.write(int32(2 ** 31 - 1));
const browser: Attack = (client) => client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

describe('a server without an error listener', () => {
  it.each([
    ['garbage', garbage],
    ['an oversize frame', oversize],
    ['the request of a browser', browser],
    ['a connection that is reset', reset],
  ])(
    'a server without an error listener ends its process on %s in the same way if instrumented',
    async (_, attack) => {
      const [bare, instrumented] = await Promise.all([
        attacked(attack, ['tcp']),
        attacked(attack, ['tcp', 'instrumented']),
      ]);
      expect(bare.code).toBe(1);
      expect(instrumented).toEqual(bare);
    },
  );

  it('a server continues if its process survives uncaught errors', async () => {
    const run = async (...args: string[]) => {
      const { program, connect } = await start('tcp', 'surviving', ...args);
      await garbage(await connect());
      await program.writes(/uncaught: Bad version/);
      const client = await connect();
      client.write(framed(PING));
      await until(client, REPLY_TO_PING);
      program.signal('SIGTERM');
      return (await program.ended).stdout.replace(/port \d+/, 'port');
    };
    expect(await run('instrumented')).toBe(await run());
  });
});

describe('a server with an error listener', () => {
  it.each([
    ['garbage', garbage],
    ['an oversize frame', oversize],
    ['a connection that is reset', reset],
  ])('a server with an error listener survives %s, instrumented or not', async (_, attack) => {
    const run = async (...args: string[]) => {
      const { program, connect } = await start('tcp', 'listening', ...args);
      const client = await connect();
      await attack(client.resume());
      await program.writes(/error: .*/);
      client.end();
      await program.writes(/closed/);
      program.signal('SIGTERM');
      return (await program.ended).stdout.replace(/port \d+/, 'port');
    };
    expect(await run('instrumented')).toBe(await run());
  });
});

describe('a web server', () => {
  const inTwoChunks: Attack = async (client) => {
    client.write(post(int32(2 ** 31 - 1), 100));
    await until(client, '500 Internal Server Error');
    client.write('more');
  };
  const resetWebSocket: Attack = async (client) => {
    client.write(UPGRADE);
    await until(client, '\r\n\r\n');
    client.resetAndDestroy();
  };

  it.each([
    ['an oversize frame in two chunks', inTwoChunks],
    ['a WebSocket that is reset', resetWebSocket],
  ])('a web server ends its process on %s in the same way if instrumented', async (_, attack) => {
    const args = ['http', 'listening'];
    const [bare, instrumented] = await Promise.all([
      attacked(attack, args),
      attacked(attack, [...args, 'instrumented']),
    ]);
    expect(bare.code).toBe(1);
    expect(instrumented).toEqual(bare);
  });
});
