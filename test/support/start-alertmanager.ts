import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram } from './start-program';

export interface Alertmanager {
  /** Host and port. */
  readonly address: string;
  stop(): Promise<void>;
}

/** A real Alertmanager on a free port that posts each alert to one webhook, at once. */
export async function startAlertmanager(webhook: string): Promise<Alertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'alertmanager-'));
  const config = join(folder, 'alertmanager.yml');
  await writeFile(
    config,
    `route:
  receiver: webhook
  group_by: [alertname, thrift_service, thrift_method]
  group_wait: 0s
receivers:
  - name: webhook
    webhook_configs:
      - url: '${webhook}'
`,
  );
  const program = startProgram('prometheus-alertmanager', [
    `--config.file=${config}`,
    `--storage.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
    // No cluster.
    '--cluster.listen-address=',
  ]);
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const [, address = ''] = await program.writes(/msg="Listening on" address=(\S+)/);
    return { address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
