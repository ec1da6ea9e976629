import type { Command } from 'commander';

import type { DeclaredMethod } from '../../../declaration/describe';
import { type CommandLine, EXIT } from '../command-line';
import { parseHeader, parsePositive, parseRepeated, parseSeconds } from '../command-options';
import {
  ExpositionError,
  type ExpositionFormat,
  type MetricFamily,
  parseExposition,
} from '../exposition';
import { loadModules } from '../modules';
import { shown, writeText } from '../output';
import { type RequestOptions, withoutSecrets } from '../http-request';
import { parseEndpoint, scrape } from '../scrape-endpoint';
import { type Cardinality, cardinalityOf, lintCardinality } from './cardinality';
import { finding, type Finding } from './check-rules';
import { lintDeclared } from './declared-series';
import { lintNames } from './names';
import { lintPackage } from './package-metrics';
import { lintSeries, lintZeroSeries } from './series';

interface CheckOptions {
  readonly module?: string[];
  readonly prefix: string;
  readonly maxSeries: number;
  readonly strict?: true;
  readonly json?: true;
  readonly header?: Record<string, string>;
  readonly insecure?: true;
  readonly timeout: number;
}

export function addCheckCommand(program: Command, line: CommandLine): void {
  program
    .command('check')
    .summary('lint the metrics of a running endpoint')
    .description(
      'Scrapes an endpoint and reports problems with its metrics, one finding per line. Exits with code 1 if there are errors.',
    )
    .argument('<url>', 'URL of the endpoint; may omit http:// and /metrics')
    .option(
      '--module <path>',
      'compare the endpoint with what this module declares; repeatable',
      parseRepeated,
    )
    .option('--prefix <prefix>', 'prefix that the program sets and the modules do not', '')
    .option('--max-series <number>', 'maximum number of series per metric', parsePositive, 2000)
    .option('--strict', 'exit with code 1 on warnings too')
    .option('--json', 'print the findings and the number of series of each metric as JSON')
    .option('--header <name: value>', 'header to send; repeatable', parseHeader)
    .option('--insecure', 'accept any certificate')
    .option(
      '--timeout <seconds>',
      'time limit for the whole command, and for loading each module',
      parseSeconds,
      10,
    )
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics check localhost:8000
  thrift-metrics check --strict --module ./dist/handlers.js localhost:8000
  thrift-metrics check --header 'Authorization: Bearer token' https://calculator.example/metrics`,
    )
    .action((url: string, options: CheckOptions) => check(url, options, line));
}

async function check(text: string, options: CheckOptions, line: CommandLine): Promise<void> {
  const { module, prefix, maxSeries, strict, json, header, insecure, timeout } = options;
  const url = parseEndpoint(text);
  const signal = AbortSignal.timeout(timeout * 1000);
  const declared = module === undefined ? null : await loadModules(module, line.cwd, timeout);
  const scraping = { headers: header ?? {}, insecure: insecure === true, timeout, signal };
  const { families, findings } = await readEndpoint(url, scraping);
  const metrics = families?.map(cardinalityOf) ?? [];
  if (families !== null) {
    // Not spread into `push`, whose arguments would overflow the stack.
    for (const each of lint(families, metrics, { declared, prefix, maxSeries }))
      findings.push(each);
  }
  const hasFailed = findings.some(({ severity }) => strict === true || severity === 'error');
  line.exitCode = hasFailed ? EXIT.findings : EXIT.done;
  if (json) {
    const report = { url: withoutSecrets(url), findings, metrics };
    return writeText(line.stdout, `${JSON.stringify(report, null, 2)}\n`);
  }
  await writeText(line.stdout, findings.slice(0, MAX_FINDINGS).map(showFinding).join(''));
  const omitted = findings.length - MAX_FINDINGS;
  if (omitted > 0) {
    await writeText(
      line.stderr,
      `${omitted} more findings are not shown. Use --json to see them.\n`,
    );
  }
  const series = metrics.reduce((sum, each) => sum + each.series, 0);
  const summary = `${metrics.length} metrics, ${series} series, ${findings.length} findings\n`;
  return writeText(line.stderr, summary);
}

/** Reads the metrics in text, or null with a finding if they cannot be parsed. OpenMetrics is only checked. */
async function readEndpoint(
  url: URL,
  options: RequestOptions,
): Promise<{ families: MetricFamily[] | null; findings: Finding[] }> {
  const findings: Finding[] = [];
  const read = (text: string, format: ExpositionFormat): MetricFamily[] | null => {
    try {
      return parseExposition(text, format);
    } catch (error) {
      if (!(error instanceof ExpositionError)) throw error;
      const name = format === 'text' ? 'text 0.0.4' : 'OpenMetrics';
      findings.push(finding('syntax', '-', `${name}, ${error.message}`));
      return null;
    }
  };
  const text = await scrape(url, 'text', options);
  const families = read(text.text, 'text');
  const openMetrics = await scrape(url, 'openmetrics', options);
  // An endpoint without OpenMetrics answers with text again.
  if (openMetrics.contentType.startsWith('application/openmetrics-text')) {
    read(openMetrics.text, 'openmetrics');
  }
  return { families, findings };
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
