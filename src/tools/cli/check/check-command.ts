import type { Command } from 'commander';

import type { DeclaredMethod } from '../../../declaration/describe';
import { CommandError, type CommandLine, EXIT } from '../command-line';
import { parseHeader, parsePositive, parseRepeated, parseSeconds } from '../command-options';
import { ExpositionError, type ExpositionFormat, type MetricFamily } from '../exposition';
import { loadModules } from '../modules';
import { applyPolicyFile } from '../policy-file';
import { shown, withNoun, writeText } from '../output';
import { parseAddress, type RequestOptions, withoutSecrets } from '../http-request';
import { spellLabels } from '../../label-spelling';
import { parseEndpoint, scrape } from '../scrape-endpoint';
import { parseServedMetrics, type ServedMetrics } from '../served-metrics';
import { type Cardinality, cardinalityOf, lintCardinality } from './cardinality';
import { finding, type Finding } from './check-rules';
import { lintDeclared } from './declared-series';
import { lintNames } from './names';
import { lintPackage } from './package-metrics';
import { checkPrometheus, type PrometheusReport } from './prometheus/check-prometheus';
import { PrometheusApi } from './prometheus/prometheus-api';
import { lintSeries, lintZeroSeries } from './series';

interface CheckOptions {
  readonly prometheus?: string;
  readonly config?: string;
  readonly module?: string[];
  readonly prefix: string;
  readonly maxSeries: number;
  readonly maxSamples: number;
  readonly strict?: true;
  readonly json?: true;
  readonly header?: Record<string, string>;
  readonly insecure?: true;
  readonly timeout: number;
}

export function addCheckCommand(program: Command, line: CommandLine): void {
  program
    .command('check')
    .summary('lint the metrics of a running endpoint, or of a Prometheus')
    .description(
      'Scrapes an endpoint and reports problems with its metrics, one finding per line. With --prometheus, verifies that the metrics, rules and panels of the modules have data there. Exits with code 1 if there are errors.',
    )
    .argument('[targets...]', 'URL of the endpoint; with --prometheus, modules')
    .option('--prometheus <url>', 'check what this Prometheus has, instead of an endpoint')
    .option(
      '--module <path>',
      'compare the endpoint with what this module declares; repeatable',
      parseRepeated,
    )
    .option(
      '--config <file>',
      'policy file in YAML or JSON, as programs read it; by default the one that THRIFT_METRICS_CONFIG names',
    )
    .option('--prefix <prefix>', 'prefix that the program sets and the modules do not', '')
    .option('--max-series <number>', 'maximum number of series per metric', parsePositive, 2000)
    .option(
      '--max-samples <number>',
      'with --prometheus: maximum number of samples that a panel or a rule reads each time',
      parsePositive,
      10_000_000,
    )
    .option('--strict', 'exit with code 1 on warnings too')
    .option('--json', 'print the findings and the number of series of each metric as JSON')
    .option('--header <name: value>', 'header to send; repeatable', parseHeader)
    .option('--insecure', 'accept any certificate')
    .option(
      '--timeout <seconds>',
      'time limit for the whole command, or with --prometheus for each response, and for loading each module',
      parseSeconds,
      10,
    )
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics check localhost:8000
  thrift-metrics check --strict --module ./dist/handlers.js localhost:8000
  thrift-metrics check --prometheus http://localhost:9090 ./dist/handlers.js
  thrift-metrics check --header 'Authorization: Bearer token' https://calculator.example/metrics`,
    )
    .action((targets: string[], options: CheckOptions) => {
      const { prometheus } = options;
      if (prometheus !== undefined) return checkServer(prometheus, targets, options, line);
      const [url, ...others] = targets;
      if (url === undefined || others.length > 0) {
        throw new CommandError(
          `check needs one URL of an endpoint, and got ${targets.length}. Pass modules by --module.`,
        );
      }
      return check(url, options, line);
    });
}

async function check(text: string, options: CheckOptions, line: CommandLine): Promise<void> {
  const { module, prefix, maxSeries, header, insecure, timeout } = options;
  const url = parseEndpoint(text);
  const signal = AbortSignal.timeout(timeout * 1000);
  const scraping = { headers: header ?? {}, insecure: insecure === true, timeout, signal };
  applyPolicyFile(options.config, line);
  const declared = module === undefined ? null : await loadModules(module, line.cwd, timeout);
  const { served, findings } = await readEndpoint(url, scraping);
  const metrics = served?.families.map(cardinalityOf) ?? [];
  if (served !== null) {
    const { families, labelNames } = served;
    // Not spread into `push`, whose arguments would overflow the stack.
    for (const each of lint(families, metrics, { declared, prefix, maxSeries })) {
      findings.push({ ...each, text: spellLabels(each.text, labelNames) });
    }
  }
  const series = metrics.reduce((sum, each) => sum + each.series, 0);
  await writeFindings(line, findings, options, {
    report: { url: withoutSecrets(url), findings, metrics },
    summary: `${withNoun(metrics.length, 'metric')}, ${series} series, ${withNoun(findings.length, 'finding')}`,
  });
}

/** Checks a Prometheus, with the modules that the arguments and `--module` name. */
async function checkServer(
  text: string,
  targets: readonly string[],
  options: CheckOptions,
  line: CommandLine,
): Promise<void> {
  const { module = [], prefix, maxSeries, maxSamples, timeout, header, insecure, json } = options;
  const url = parseAddress(text, 'a Prometheus, such as http://localhost:9090');
  const modules = [...module, ...targets];
  applyPolicyFile(options.config, line);
  if (modules.length > 0) await loadModules(modules, line.cwd, timeout);
  const requests = { headers: header ?? {}, insecure: insecure === true, timeout };
  const api = new PrometheusApi(url, requests);
  const report = await checkPrometheus(api, { prefix, maxSeries, maxSamples });
  api.close();
  if (!json) await writeText(line.stderr, [...notesOf(report)].map((note) => `${note}\n`).join(''));
  const { version, storage, histograms, queries, findings } = report;
  const stored = [...new Set(Object.values(storage))].join(', ') || 'none';
  await writeFindings(line, findings, options, {
    report: { url: withoutSecrets(url), ...report },
    summary: `Prometheus ${version ?? 'of unknown version'}, histograms stored as ${stored} (generate for '${histograms}'), ${queries.answered} of ${queries.total} queries have data, ${withNoun(findings.length, 'finding')}`,
  });
}

/** Explains why queries have no data without a fault. */
function* notesOf({ queries: { idle, unrecorded } }: PrometheusReport): Generator<string> {
  for (const { metric, recorder, shownBy } of unrecorded) {
    yield `note: no data for ${listOf(shownBy)}: ${metric} is not recorded (${recorder} records it)`;
  }
  if (idle.length > 0) {
    yield `note: no data for ${listOf(idle)}: no calls yet, or too little history for a band`;
  }
}

function listOf(names: readonly string[]): string {
  const [first = '', ...others] = names;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** Prints findings, or a report in JSON, and sets the exit code. */
async function writeFindings(
  line: CommandLine,
  findings: readonly Finding[],
  { strict, json }: CheckOptions,
  { report, summary }: { readonly report: object; readonly summary: string },
): Promise<void> {
  const hasFailed = findings.some(
    ({ severity }) => severity === 'error' || (strict === true && severity === 'warning'),
  );
  line.exitCode = hasFailed ? EXIT.findings : EXIT.done;
  if (json) return writeText(line.stdout, `${JSON.stringify(report, null, 2)}\n`);
  await writeText(line.stdout, findings.slice(0, MAX_FINDINGS).map(showFinding).join(''));
  const omitted = findings.length - MAX_FINDINGS;
  if (omitted > 0) {
    await writeText(
      line.stderr,
      `${omitted} more findings are not shown. Use --json to see them.\n`,
    );
  }
  return writeText(line.stderr, `${summary}\n`);
}

/** Reads the metrics in text, or null with a finding if they cannot be parsed. OpenMetrics is only checked. */
async function readEndpoint(
  url: URL,
  options: RequestOptions,
): Promise<{ served: ServedMetrics | null; findings: Finding[] }> {
  const findings: Finding[] = [];
  const read = (text: string, format: ExpositionFormat): ServedMetrics | null => {
    try {
      return parseServedMetrics(text, format);
    } catch (error) {
      if (!(error instanceof ExpositionError)) throw error;
      const name = format === 'text' ? 'text 0.0.4' : 'OpenMetrics';
      findings.push(finding('syntax', '-', `${name}, ${error.message}`));
      return null;
    }
  };
  const text = await scrape(url, 'text', options);
  const served = read(text.text, 'text');
  const openMetrics = await scrape(url, 'openmetrics', options);
  // An endpoint without OpenMetrics answers with text again.
  if (openMetrics.contentType.startsWith('application/openmetrics-text')) {
    read(openMetrics.text, 'openmetrics');
  }
  return { served, findings };
}

interface LintOptions {
  readonly declared: readonly DeclaredMethod[] | null;
  readonly prefix: string;
  readonly maxSeries: number;
}

function lint(
  families: readonly MetricFamily[],
  metrics: readonly Cardinality[],
  { declared, prefix, maxSeries }: LintOptions,
): Finding[] {
  return [
    families.flatMap((family) => [...lintNames(family), ...lintSeries(family)]),
    [...lintCardinality(metrics, maxSeries)],
    [...lintZeroSeries(families)],
    [...lintPackage(families)],
    declared === null ? [] : [...lintDeclared(families, declared, prefix)],
  ].flat();
}

/** Most findings that are printed. */
const MAX_FINDINGS = 1000;

function showFinding({ severity, rule, metric, text }: Finding): string {
  return `${severity} ${rule} ${shown(metric)}: ${shown(text, 1000)}\n`;
}
