import { parse } from 'yaml';

import { isObject } from '../../../../validation/checks';
import type { PrometheusApi } from './prometheus-api';

/** A target as `/api/v1/targets` describes it. */
export interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly scrapeUrl: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly lastScrapeDuration: number;
  readonly scrapeInterval?: string;
  readonly scrapeTimeout?: string;
}

/** A rule as `/api/v1/rules` describes it. */
export interface LoadedRule {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly query: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError?: string;
}

interface LoadedGroup {
  readonly name: string;
  readonly interval: number;
  readonly evaluationTime: number;
  readonly rules: readonly LoadedRule[];
}

/** What a running Prometheus says about itself. Null for what the server does not tell. */
export interface LiveState {
  readonly version: string | null;
  readonly targets: readonly Target[] | null;
  readonly groups: readonly LoadedGroup[] | null;
  /** Names of the metrics that had series within the last hours. */
  readonly names: readonly string[];
  /** Jobs whose configuration has `honor_labels: true`. */
  readonly honoringJobs: ReadonlySet<string>;
  /** Whether the functions of native histograms exist. */
  readonly hasNativeFunctions: boolean;
}

export async function readLiveState(api: PrometheusApi): Promise<LiveState> {
  // The first answer shows whether this is a Prometheus at all.
  const native = await api.query('histogram_fraction(0, 1, vector(0))');
  const [build, targets, rules, names, config] = await Promise.all([
    api.read<{ version?: string }>('status/buildinfo'),
    api.read<{ activeTargets?: Target[] }>('targets?state=active'),
    api.read<{ groups?: LoadedGroup[] }>('rules'),
    api.read<string[]>(`label/__name__/values?start=${minutesAgo(5)}`),
    api.read<{ yaml?: string }>('status/config'),
  ]);
  return {
    version: build?.version ?? null,
    targets: targets?.activeTargets ?? null,
    groups: rules?.groups ?? null,
    names: names ?? [],
    honoringJobs: honoringJobsIn(config?.yaml ?? ''),
    hasNativeFunctions: native.error === null,
  };
}

/** A time for the API, which may return older series of the block in which it is. */
export function minutesAgo(minutes: number): number {
  return Math.floor(Date.now() / 1000) - 60 * minutes;
}

function honoringJobsIn(yaml: string): Set<string> {
  const jobs = new Set<string>();
  let config: unknown;
  try {
    config = parse(yaml);
  } catch {
    return jobs;
  }
  const scrapes = isObject(config) ? (config as { scrape_configs?: unknown }).scrape_configs : null;
  if (!Array.isArray(scrapes)) return jobs;
  for (const scrape of scrapes as { job_name?: unknown; honor_labels?: unknown }[]) {
    if (scrape.honor_labels === true && typeof scrape.job_name === 'string') {
      jobs.add(scrape.job_name);
    }
  }
  return jobs;
}
