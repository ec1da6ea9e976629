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

/** The exemplars of one series. */
export interface ExemplarSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    /** Seconds since 1970. */
    readonly timestamp: number;
  }[];
}

export interface LoadedRule {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

export interface Prometheus {
  query(expression: string): Promise<QueryResult[]>;
  targets(): Promise<ScrapeTarget[]>;
  /** Those of the last hour; none without the feature `exemplar-storage`. */
  exemplars(expression: string): Promise<ExemplarSeries[]>;
  /** Every recording rule and alert that is loaded, with the error of its last evaluation. */
  rules(): Promise<LoadedRule[]>;
  /** The type of each metric family, by the name it has in the format that was scraped. */
  types(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

export interface Rules {
  /** Text of a rule file. */
  readonly text: string;
  /** Host and port of the Alertmanager that gets the alerts. */
  readonly alertmanager?: string;
}

/**
 * A real Prometheus on a free port, with a data folder of its own, that scrapes one address every second, and evaluates
 * rules as often.
 */
export async function startPrometheus(
  target: string,
  features: readonly ('native-histograms' | 'exemplar-storage')[] = [],
  rules: Rules | null = null,
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const config = join(folder, 'prometheus.yml');
  await writeFile(join(folder, 'test.rules.yml'), rules?.text ?? '');
  await writeFile(
    config,
    `global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files:
  - '*.rules.yml'
alerting:
  alertmanagers:
    - static_configs:
      - targets: [${rules?.alertmanager === undefined ? '' : `'${rules.alertmanager}'`}]
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
    ...features.map((feature) => `--enable-feature=${feature}`),
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
      exemplars: async (expression) => {
        const end = Date.now() / 1000 + 60;
        const parameters = new URLSearchParams({
          query: expression,
          start: String(end - 3600),
          end: String(end),
        });
        return (await get(`query_exemplars?${parameters.toString()}`)) as ExemplarSeries[];
      },
      rules: async () => {
        const { groups } = (await get('rules')) as { groups: { rules: LoadedRule[] }[] };
        return groups.flatMap((group) => group.rules);
      },
      types: async () => {
        const metadata = (await get('metadata')) as Record<string, [{ type: string }]>;
        return Object.fromEntries(
          Object.entries(metadata).map(([name, [{ type }]]) => [name, type]),
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
