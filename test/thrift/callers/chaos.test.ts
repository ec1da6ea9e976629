import { join } from 'node:path';
import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../../src/index';
import { compileProgram } from '../../support/compile-program';
import { listen } from '../../support/listen';
import { type Program, startProgram } from '../../support/start-program';
import { thrift } from '../../support/start-thrift';
import type * as libraryTypes from '../gen-nodejs/library_types.js';
import { Library } from '../client/library';
import { callersOf, type CallerCounts } from './caller-counts';

thrift.setLogFunc?.(() => {});

const { Refused } = require('../gen-nodejs/library_types.js') as typeof libraryTypes;
const program = compileProgram(join(__dirname, 'programs/chaotic-client.ts'));

const NAMES = ['basket', 'checkout', 'search'];
const CALLS = 5000;

/** Counts who calls it by what the requests say, and fails in every way. */
class Handler {
  readonly seen: CallerCounts = {};
  private calls = 0;
  private whenDone: () => void = () => {};
  readonly done = new Promise<void>((resolve) => (this.whenDone = resolve));
  running = 0;

  twice(number: number): Promise<number> {
    const kind = Math.floor(number / 10) % 7;
    this.arrives(number % 10, kind < 3);
    // Generated code does not catch it, so Thrift closes the connection.
    if (kind === 0) throw new Error('thrown');
    const answer = this.answer(kind, number);
    this.running++;
    const leave = (): void => void this.running--;
    answer.then(leave, leave);
    return answer;
  }

  note(index: string): void {
    this.arrives(Number(index), false);
  }

  private async answer(kind: number, number: number): Promise<number> {
    for (let turns = number % 3; turns > 0; turns--) await nextTurn();
    if (kind === 1) throw new Refused({ why: 'declared' });
    if (kind === 2) throw new Error('undeclared');
    return 2 * number;
  }

  private arrives(index: number, fails: boolean): void {
    const entry = (this.seen[NAMES[index] as string] ??= [0, 0]);
    entry[0]!++;
    if (fails) entry[1]!++;
    if (++this.calls === CALLS) this.whenDone();
  }
}

async function endsTooEarly({ ended }: Program): Promise<never> {
  throw new Error(`a client has ended: ${JSON.stringify(await ended)}`);
}

test(
  'the counts of each caller are those of the calls that reached the handler, under chaos',
  { timeout: 120_000 },
  async () => {
    const registry = new Registry();
    configureMetrics({ registry, callers: true, onError: () => {} });
    const handler = new Handler();
    const server = instrumentServer(
      thrift.createServer(
        instrumentService(Library),
        instrumentHandler(handler, { service: 'Library', exceptions: [Refused] }),
      ) as Server,
    );
    const { port, sockets, close } = await listen(server);
    onTestFinished(close);
    const clients = await Promise.all(
      NAMES.map(async (name, index) =>
        startProgram(
          process.execPath,
          ['--no-deprecation', await program, String(port), String(index)],
          '',
          { OTEL_SERVICE_NAME: name },
        ),
      ),
    );
    onTestFinished(async () => void (await Promise.all(clients.map((client) => client.stop()))));
    // Destroys a connection now and then, in the middle of whatever it is doing.
    let accepted = 0;
    server.on('connection', (socket) => {
      const bytes = 2000 * (1 + (accepted++ % 5));
      socket.on('data', () => {
        if (socket.bytesRead > bytes) socket.destroy();
      });
    });
    await Promise.race([handler.done, ...clients.map(endsTooEarly)]);
    // One client dies while it has calls under way.
    await clients[1]!.stop();
    await close();
    await Promise.all(clients.map((client) => client.stop()));
    while (handler.running > 0) await nextTurn();
    await nextTurn();

    const { _unknown, ...counted } = await callersOf(registry);
    expect(_unknown).toEqual([0, undefined]);
    expect(Object.keys(handler.seen).toSorted()).toEqual(NAMES);
    expect(counted).toEqual(handler.seen);
    expect(sockets.size).toBeGreaterThan(10);
  },
);
