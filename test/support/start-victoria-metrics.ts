import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram, type Program } from './start-program';
import { type Prometheus, questionsTo } from './start-prometheus';

export interface VictoriaMetrics extends Pick<Prometheus, 'query' | 'targets' | 'rules' | 'stop'> {
  /** Host and port of the database. */
  readonly address: string;
}

const LISTENING = /started server at http:\/\/([\w.:]+)\//;

/**
 * Starts a real VictoriaMetrics on a free port with its own data folder. It scrapes the targets every second. A vmalert
 * evaluates the rules every second and writes their results back.
 */
export async function startVictoriaMetrics(
  targets: string | readonly string[],
  rules: string,
): Promise<VictoriaMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'victoria-metrics-'));
  const programs: Program[] = [];
  const start = async (name: string, args: readonly string[]): Promise<string> => {
    const program = startProgram(name, ['-httpListenAddr=127.0.0.1:0', ...args]);
    programs.push(program);
    const [, address = ''] = await program.writes(LISTENING);
    return address;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.stop()));
    await rm(folder, { recursive: true });
  };
  try {
    const jobs = { job_name: 'calculator', static_configs: [{ targets: [targets].flat() }] };
    const config = { global: { scrape_interval: '1s' }, scrape_configs: [jobs] };
    await writeFile(join(folder, 'scrape.yml'), JSON.stringify(config));
    await writeFile(join(folder, 'rules.yml'), rules);
    const database = await start('victoria-metrics', [
      `-promscrape.config=${join(folder, 'scrape.yml')}`,
      `-storageDataPath=${join(folder, 'data')}`,
      // Samples can be queried at once.
      '-search.latencyOffset=0s',
      '-inmemoryDataFlushInterval=1s',
    ]);
    const alerts = await start('vmalert', [
      `-rule=${join(folder, 'rules.yml')}`,
      `-datasource.url=http://${database}`,
      `-remoteWrite.url=http://${database}`,
      '-notifier.blackhole',
      '-evaluationInterval=1s',
      '-rule.evalDelay=0s',
      '-remoteWrite.flushInterval=200ms',
    ]);
    const get = (address: string) => async (path: string) => {
      const response = await fetch(`http://${address}/api/v1/${path}`);
      const { status, data, error } = (await response.json()) as Record<string, unknown>;
      if (status !== 'success') throw new Error(`${path}: ${String(error)}`);
      return data;
    };
    const asked = questionsTo({ address: database, get: get(database), stop });
    const { rules: loaded } = questionsTo({ address: alerts, get: get(alerts), stop });
    return { address: database, query: asked.query, targets: asked.targets, rules: loaded, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
