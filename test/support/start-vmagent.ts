import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram } from './start-program';

export interface Vmagent {
  /** Host and port, where it receives OTLP at `/opentelemetry/v1/metrics`. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts a real vmagent on a free port, which receives OTLP and writes to a Prometheus with a receiver for remote write.
 * Debian builds Prometheus without a receiver for OTLP.
 */
export async function startVmagent(prometheus: string): Promise<Vmagent> {
  const folder = await mkdtemp(join(tmpdir(), 'vmagent-'));
  const program = startProgram('vmagent', [
    '-httpListenAddr=127.0.0.1:0',
    `-remoteWrite.url=http://${prometheus}/api/v1/write`,
    '-remoteWrite.forcePromProto',
    '-remoteWrite.flushInterval=200ms',
    `-remoteWrite.tmpDataPath=${folder}`,
    '-opentelemetry.usePrometheusNaming',
    '-opentelemetry.promoteScopeMetadata=false',
  ]);
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const [, address = ''] = await program.writes(/started server at http:\/\/([\w.:]+)\//);
    return { address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
