import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram } from './start-program';

export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

export interface ScrapeTarget {
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Prometheus {
  query(expression: string): Promise<QueryResult[]>;
  targets(): Promise<ScrapeTarget[]>;
  stop(): Promise<void>;
}

/** A real Prometheus on a free port, with a data folder of its own, that scrapes one address every second. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: calculator
    static_configs:
      - targets: ['${target}']
`,
  );
  const program = startProgram('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
  ]);
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const [, address] = await program.writes(/msg="Listening on" address=(\S+)/);
    await program.writes(/Server is ready to receive web requests/);
    const get = async (path: string): Promise<unknown> => {
      const response = await fetch(`http://${address}/api/v1/${path}`);
      const { status, data, error } = (await response.json()) as Record<string, unknown>;
      if (status !== 'success') throw new Error(`${path}: ${String(error)}`);
      return data;
    };
    return {
      query: async (expression) => {
        const data = await get(`query?query=${encodeURIComponent(expression)}`);
        return (data as { result: QueryResult[] }).result;
      },
      targets: async () =>
        ((await get('targets')) as { activeTargets: ScrapeTarget[] }).activeTargets,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
