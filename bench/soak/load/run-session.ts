import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Connection, createClient, createConnection } from 'thrift';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { type Call, nextCall } from '../../../examples/calculator/mix.js';
import { LATE, within } from '../../../src/scrape/deadlines';
import type { Ledger } from './ledger.js';

const LANES = 4;
const MOST_CALLS_PER_LANE = 12;
const LONGEST_PAUSE_MS = 16;
/** Longer than the first answer takes on a busy machine. */
const FIRST_ANSWER_MS = 10_000;

const PING: Call = { method: 'Calculator.ping', send: (client) => client.ping() };

/**
 * Connects a client, makes calls in parallel lanes, waits for all answers, and disconnects. `lost` is called if nothing answers
 * the first call, which is not counted then.
 */
export async function runSession(
  port: number,
  ledger: Ledger,
  lost = (): void => void ledger.broken.push('no server took the connection'),
): Promise<void> {
  ledger.sessions++;
  const connection = createConnection('127.0.0.1', port, {});
  const broken = brokenBy(connection);
  const client = createClient(Calculator.Client, connection);
  try {
    const answered = Promise.race([ledger.call(client, PING), broken]);
    if ((await within(answered, FIRST_ANSWER_MS)) === LATE) {
      lost();
      // Nobody would answer an orderly end either.
      connection.connection.destroy();
      return;
    }
    await Promise.race([converse(client, ledger), broken]);
  } catch (error) {
    ledger.broken.push((error as Error).message);
    connection.end();
    return;
  }
  const closed = once(connection, 'close');
  connection.end();
  await closed;
}

async function converse(client: Calculator.Client, ledger: Ledger): Promise<void> {
  const calls = 1 + Math.floor(Math.random() * MOST_CALLS_PER_LANE);
  const lane = async (): Promise<void> => {
    for (let i = 0; i < calls; i++) {
      await ledger.call(client, nextCall());
      await sleep(Math.random() * LONGEST_PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  // The server reads a connection in order, so once it answers this it has also seen the oneway calls.
  await ledger.call(client, PING);
}

/** Rejects when the connection breaks, since Thrift leaves its pending calls unsettled forever. */
function brokenBy(connection: Connection): Promise<never> {
  const broken = new Promise<never>((_, reject) => {
    connection.on('error', reject);
    connection.on('close', () => reject(new Error('the server closed the connection')));
  });
  broken.catch(() => {});
  return broken;
}
