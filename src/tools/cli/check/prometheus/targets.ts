import { LABEL } from '../../../../metrics/catalogue';
import type { LabelNames } from '../../../../metrics/label-names';
import { shown } from '../../output';
import { finding, type Finding } from '../check-rules';
import { secondsOf } from './expression';
import type { ExistingSeries } from './existing-series';
import { type LiveState, minutesAgo, type Target } from './live-state';

/** Fraction of a time limit above which its use is reported. */
const CLOSE = 0.5;

/** Finds targets that are down or slow. Without known jobs, every target may be one that lacks its metrics. */
export function* lintTargets({ targets }: LiveState, jobs: readonly string[]): Generator<Finding> {
  if (targets === null) return;
  const isOurs = ({ labels }: Target): boolean =>
    jobs.length === 0 || jobs.includes(labels['job'] ?? '');
  for (const target of targets.filter(isOurs)) {
    const { health, lastError, scrapeUrl, labels, lastScrapeDuration, scrapeTimeout } = target;
    const name = `target ${scrapeUrl} of job '${labels['job'] ?? ''}'`;
    if (health === 'down') {
      const text = `${name} is down: ${shown(lastError)}; start the program, or correct the address, path or credentials in scrape_configs`;
      yield finding('target-down', '-', text);
    }
    const limit = secondsOf(scrapeTimeout ?? '');
    if (limit !== null && lastScrapeDuration > CLOSE * limit) {
      const text = `${name} takes ${lastScrapeDuration.toFixed(2)} s of its scrape_timeout of ${limit} s; reduce its series, or raise the timeout`;
      yield finding('slow-scrape', '-', text);
    }
  }
}

/** Finds labels of targets that hide labels of the metrics, and the other way round. */
export async function lintLabels(
  existing: ExistingSeries,
  { honoringJobs }: LiveState,
  { name, labelNames }: { readonly name: string; readonly labelNames: LabelNames },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const match = encodeURIComponent(`{__name__="${name}"}`);
  const labels =
    (await existing.api.read<string[]>(`labels?match[]=${match}&start=${minutesAgo(5)}`)) ?? [];
  const exported = await Promise.all(
    labels
      .filter((label) => label.startsWith(EXPORTED))
      .map(async (label) => ({ label, exists: await existing.has(`${name}{${label}!=""}`) })),
  );
  for (const { label, exists } of exported) {
    if (!exists) continue;
    const own = label.slice(EXPORTED.length);
    const text = `the target has a label '${own}' too, so Prometheus stores the metric's as '${label}'; rename one of them: the target's in scrape_configs or relabel_configs, or the metric's`;
    findings.push(finding('label-clash', name, text));
  }
  const missing = await Promise.all(
    [labelNames.nameOf(LABEL.service), 'job'].map(async (label) => ({
      label,
      isMissing: await existing.has(`${name}{${label}=""}`),
    })),
  );
  for (const { label, isMissing } of missing) {
    if (!isMissing) continue;
    const text = `series lack the label '${label}', which all rules sum by; remove what drops it from metric_relabel_configs`;
    findings.push(finding('label-missing', name, text));
  }
  // Without a label of its own, the series would have those of its target.
  const strays = await existing.api.ask(
    `count by (job, instance) (${name}{job!=""} unless on (job, instance) up)`,
  );
  for (const { metric } of strays) {
    const reason =
      honoringJobs.size > 0
        ? `honor_labels of job '${[...honoringJobs].join("', '")}' lets the program set them; remove it, or the labels of the program`
        : 'something writes them without a scrape; check relabeling, federation and remote write';
    const text = `no target has the job '${metric['job'] ?? ''}' and the instance '${metric['instance'] ?? ''}' of these series: ${reason}`;
    findings.push(finding('label-override', name, text));
  }
  return findings;
}

/** Prometheus puts it before the name of a label that the target has too. */
const EXPORTED = 'exported_';
