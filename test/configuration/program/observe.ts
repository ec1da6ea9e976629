import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { parseProtobuf, type ReadFamily } from '../../scrape/read-protobuf';
import { send, type Answer } from '../../support/send';
import { startProgram, type Program } from '../../support/start-program';
import { parseText, type Sample } from '../../support/text-format';

const AUTO = join(__dirname, '../../../dist/auto.js');

const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

/** What a running program shows. */
export interface Observed {
  /** The exit code, or null while it runs. */
  readonly code: number | null;
  /** The address of its metrics server, or null without one. */
  readonly url: string | null;
  readonly program: Program;
  get(path: string, headers?: Record<string, string>, url?: string): Promise<Answer>;
  read(): Promise<Sample[]>;
  readProtobuf(): Promise<ReadFamily[]>;
}

/**
 * Runs a program under `auto` with these variables, until it has made its calls, and has written the address of its metrics
 * server if it has one. The program is stopped when the test ends.
 */
export async function observe(
  variables: Readonly<Record<string, string>>,
  hasAddress: boolean,
): Promise<Observed> {
  if (!existsSync(AUTO)) throw new Error('These tests run the built package: npm run build');
  const program = startProgram(
    process.execPath,
    ['--require', AUTO, join(__dirname, 'programs/serve.cjs')],
    '',
    variables,
  );
  onTestFinished(() => program.stop());
  const isReady = await program.writes(/^ready$/m).then(
    () => true,
    () => false,
  );
  const code = isReady ? null : (await program.ended).code;
  const [, url = null] = hasAddress ? await program.writes(/^thrift-metrics: (https?:\S+)$/m) : [];
  const get: Observed['get'] = (path, headers = {}, base = url ?? '') =>
    send(`${base}${path}`, { headers, rejectUnauthorized: false });
  return {
    code,
    url,
    program,
    get,
    read: async () => parseText((await get('/metrics')).text),
    readProtobuf: async () => parseProtobuf((await get('/metrics', { accept: PROTOBUF })).body),
  };
}
