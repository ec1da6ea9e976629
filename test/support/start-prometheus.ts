import { isPrometheus } from './prometheus-version';
import { RULE_FILE, runPrometheus, type RunningPrometheus } from './run-prometheus';

export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A series over time. Native histograms have no `values`. */
export interface RangeResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [time: number, value: string])[];
  readonly histograms?: readonly unknown[];
}

interface ScrapeTarget {
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The exemplars of one series. */
interface ExemplarSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    /** Seconds since 1970. */
    readonly timestamp: number;
  }[];
}

interface LoadedRule {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

export interface Prometheus {
  /** Host and port. */
  readonly address: string;
  query(expression: string): Promise<QueryResult[]>;
  /** Queries the last minute in steps of one second. */
  queryRange(expression: string): Promise<RangeResult[]>;
  /** The values of a label in the matching series. */
  labelValues(label: string, selector: string): Promise<string[]>;
  targets(): Promise<ScrapeTarget[]>;
  /** The exemplars of the last hour; empty without the feature `exemplar-storage`. */
  exemplars(expression: string): Promise<ExemplarSeries[]>;
  /** Every recording rule and alert that is loaded, with the error of its last evaluation. */
  rules(): Promise<LoadedRule[]>;
  /** The type of each metric family, by its name in the scraped format. */
  types(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

export interface Rules {
  /** Text of a rule file. */
  readonly text: string;
  /** Host and port of the Alertmanager that gets the alerts. */
  readonly alertmanager?: string;
}

/** What a Prometheus stores beyond samples of floats. Classic buckets beside native ones exist since 2.45. */
export type Feature =
  | 'native-histograms'
  | 'classic-beside-native'
  /** Turns classic buckets into native ones with custom bounds. Since 3.0. */
  | 'custom-buckets'
  /** Stores a 0 at the start of a series. Since 2.50. */
  | 'start-timestamps'
  | 'exemplar-storage';

/** The settings of a scrape, and the flags, that switch features on in the version that is started. */
function settingsFor(features: readonly Feature[]): { flags: string[]; scrape: string } {
  const wants = (...any: Feature[]): boolean => any.some((feature) => features.includes(feature));
  const isNative = wants('native-histograms', 'classic-beside-native', 'custom-buckets');
  const flags = [
    isNative && !isPrometheus('3.8') && 'native-histograms',
    wants('exemplar-storage') && 'exemplar-storage',
    wants('start-timestamps') && 'created-timestamp-zero-ingestion',
  ].filter((flag) => flag !== false);
  const classic = isPrometheus('3.0')
    ? 'always_scrape_classic_histograms'
    : 'scrape_classic_histograms';
  const scrape = [
    isNative && isPrometheus('3.8') && 'scrape_native_histograms',
    wants('classic-beside-native') && classic,
    wants('custom-buckets') && 'convert_classic_histograms_to_nhcb',
  ].filter((setting) => setting !== false);
  return {
    flags: flags.map((flag) => `--enable-feature=${flag}`),
    scrape: scrape.map((setting) => `    ${setting}: true\n`).join(''),
  };
}

/**
 * Starts a real Prometheus on a free port with its own data folder. It scrapes these addresses and evaluates the rules
 * every second.
 */
export async function startPrometheus(
  targets: string | readonly string[],
  features: readonly Feature[] = [],
  rules: Rules | null = null,
): Promise<Prometheus> {
  const { flags, scrape } = settingsFor(features);
  const config = `global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files:
  - ${RULE_FILE}
alerting:
  alertmanagers:
    - static_configs:
      - targets: [${rules?.alertmanager === undefined ? '' : `'${rules.alertmanager}'`}]
scrape_configs:
  - job_name: calculator
${scrape}    static_configs:
      - targets: ${JSON.stringify([targets].flat())}
`;
  return questionsTo(await runPrometheus(config, { args: flags, rules: rules?.text ?? '' }));
}

/** The queries that tests send to a running Prometheus. */
export function questionsTo({ address, get, stop }: RunningPrometheus): Prometheus {
  return {
    address,
    query: async (expression) => {
      const data = await get(`query?query=${encodeURIComponent(expression)}`);
      return (data as { result: QueryResult[] }).result;
    },
    queryRange: async (expression) => {
      const end = Date.now() / 1000;
      const parameters = new URLSearchParams({
        query: expression,
        start: String(end - 60),
        end: String(end),
        step: '1',
      });
      const data = await get(`query_range?${parameters.toString()}`);
      return (data as { result: RangeResult[] }).result;
    },
    labelValues: async (label, selector) =>
      (await get(`label/${label}/values?match[]=${encodeURIComponent(selector)}`)) as string[],
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
      return Object.fromEntries(Object.entries(metadata).map(([name, [{ type }]]) => [name, type]));
    },
    stop,
  };
}
