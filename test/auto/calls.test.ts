import { once } from 'node:events';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { CallsDocument } from '../../src/tools/page/browser/calls-protocol';
import { startProgram } from '../support/start-program';
import { thrift } from '../support/start-thrift';

const AUTO = join(__dirname, '../../dist/auto.js');
const Calculator =
  require('../../examples/calculator/gen-nodejs/Calculator.js') as typeof import('../../examples/calculator/gen-nodejs/Calculator.js');

test(
  'a call that hangs in an unmodified program is named with its peer and the types of its arguments',
  { timeout: 60_000 },
  async () => {
    const program = startProgram(
      process.execPath,
      ['--require', AUTO, join(__dirname, 'programs/hangs.cjs')],
      '',
      {
        THRIFT_METRICS_PORT: '0',
        THRIFT_METRICS_HOST: '127.0.0.1',
        THRIFT_METRICS_CALLS: 'arguments=types',
      },
    );
    onTestFinished(() => program.stop());
    const [, port] = await program.writes(/^listening (\d+)$/m);
    const [, url] = await program.writes(/^thrift-metrics: (https?:\S+)$/m);
    const connection = thrift.createConnection('127.0.0.1', Number(port), {});
    connection.on('error', () => {});
    onTestFinished(() => connection.destroy());
    await once(connection, 'connect');
    const client = thrift.createClient(Calculator, connection);
    client.add(1, 2).catch(() => {});
    await vi.waitFor(async () => {
      const answer = await fetch(`${url}/-/calls`);
      const { inProgress } = (await answer.json()) as CallsDocument;
      expect(inProgress.calls).toMatchObject([
        {
          service: 'Calculator',
          method: 'add',
          arguments: 'number, number',
          peer: `127.0.0.1:${connection.connection.localPort}`,
        },
      ]);
    }, 10_000);
  },
);
