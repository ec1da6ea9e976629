import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram } from './start-program';

interface RaisedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed' };
}

export interface Alertmanager {
  readonly address: string;
  /** Raises alerts, as Prometheus does. */
  raise(alerts: readonly RaisedAlert[]): Promise<void>;
  alerts(): Promise<Alert[]>;
  stop(): Promise<void>;
}

/** Starts a real Alertmanager on a free port with its own data folder. */
export async function startAlertmanager(config: string): Promise<Alertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  await writeFile(file, config);
  const program = startProgram('prometheus-alertmanager', [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
    '--cluster.listen-address=',
  ]);
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const [, address = ''] = await program.writes(/msg="Listening on" .*?address=(\S+)/);
    const url = `http://${address}/api/v2/alerts`;
    return {
      address,
      raise: async (alerts) => {
        const body = JSON.stringify(alerts);
        const headers = { 'Content-Type': 'application/json' };
        const { ok, status } = await fetch(url, { method: 'POST', body, headers });
        if (!ok) throw new Error(`Alertmanager answered ${status}`);
      },
      alerts: async () => (await (await fetch(url)).json()) as Alert[],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
