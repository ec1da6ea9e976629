import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isPrometheus } from './prometheus-version';
import { startProgram } from './start-program';

export interface RunningPrometheus {
  /** Host and port of its web interface. */
  readonly address: string;
  /** Resolves with the answer of its HTTP API to a path below `/api/v1/`. */
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** A file next to the configuration, which may name it in `rule_files`. */
export const RULE_FILE = 'test.rules.yml';

/** Starts a real Prometheus on a free port with its own data folder. An agent scrapes and writes, but answers no queries. */
export async function runPrometheus(
  config: string,
  {
    agent = false,
    args = [],
    rules = '',
  }: { agent?: boolean; args?: readonly string[]; rules?: string } = {},
): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const file = join(folder, 'prometheus.yml');
  const data = join(folder, 'data');
  await writeFile(file, config);
  await writeFile(join(folder, RULE_FILE), rules);
  const program = startProgram('prometheus', [
    `--config.file=${file}`,
    ...(agent
      ? [isPrometheus('3.0') ? '--agent' : '--enable-feature=agent', `--storage.agent.path=${data}`]
      : [`--storage.tsdb.path=${data}`]),
    '--web.listen-address=127.0.0.1:0',
    ...args,
  ]);
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const [, address = ''] = await program.writes(/msg="Listening on" .*?address=(\S+)/);
    await program.writes(/Server is ready to receive web requests/);
    return {
      address,
      get: async (path) => {
        const response = await fetch(`http://${address}/api/v1/${path}`);
        const { status, data: answer, error } = (await response.json()) as Record<string, unknown>;
        if (status !== 'success') throw new Error(`${path}: ${String(error)}`);
        return answer;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
