import { runPrometheus, type RunningPrometheus } from './run-prometheus';

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

export interface Prometheus {
  query(expression: string): Promise<QueryResult[]>;
  targets(): Promise<ScrapeTarget[]>;
  /** Those of the last hour; none without the feature `exemplar-storage`. */
  exemplars(expression: string): Promise<ExemplarSeries[]>;
  /** The type of each metric family, by the name it has in the format that was scraped. */
  types(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** A real Prometheus on a free port, with a data folder of its own, that scrapes one address every second. */
export async function startPrometheus(
  target: string,
  features: readonly ('native-histograms' | 'exemplar-storage')[] = [],
): Promise<Prometheus> {
  const config = `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: calculator
    static_configs:
      - targets: ['${target}']
`;
  const args = features.map((feature) => `--enable-feature=${feature}`);
  return questionsTo(await runPrometheus(config, { args }));
}

/** What tests ask a running Prometheus. */
export function questionsTo({ get, stop }: RunningPrometheus): Prometheus {
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
    types: async () => {
      const metadata = (await get('metadata')) as Record<string, [{ type: string }]>;
      return Object.fromEntries(Object.entries(metadata).map(([name, [{ type }]]) => [name, type]));
    },
    stop,
  };
}
