import type { Command } from 'commander';

import type { DeclaredMethod } from '../../../declaration/describe';
import { type CommandLine, EXIT } from '../command-line';
import {
  ExpositionError,
  type ExpositionFormat,
  type MetricFamily,
  parseExposition,
} from '../exposition';
import { loadModules } from '../modules';
import { printable, writeText } from '../output';
import { parseHeader, parsePositive, parseRepeated, parseSeconds } from '../parse-options';
import { parseEndpoint, scrape, type ScrapeOptions, withoutSecrets } from '../scrape-endpoint';
import { finding, type Finding } from './check-rules';
import { lintDeclared, lintPackage } from './declared';
import { lintNames } from './names';
import { type Cardinality, cardinalityOf, lintSeries, lintZeroSeries } from './series';

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
    .summary('lint a running endpoint')
    .description(
      'Scrapes an endpoint and reports what is wrong with its metrics, one finding per line. Exit code 1 says that there are errors.',
    )
    .argument('<url>', 'the endpoint; http:// and /metrics may be left out')
    .option(
      '--module <path>',
      'compare with what this module declares; may be repeated',
      parseRepeated,
    )
    .option('--prefix <prefix>', 'what the program puts before the names that modules declare', '')
    .option('--max-series <number>', 'how many series a metric may have', parsePositive, 2000)
    .option('--strict', 'end with exit code 1 on warnings, too')
    .option('--json', 'print JSON: findings, and the number of series of each metric')
    .option('--header <name: value>', 'a header to send; may be repeated', parseHeader)
    .option('--insecure', 'accept any certificate')
    .option(
      '--timeout <seconds>',
      'how long each answer, and the loading of each module, may take',
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
  const declared = module === undefined ? null : await loadModules(module, line.cwd, timeout);
  const scraping = { headers: header ?? {}, insecure: insecure === true, timeout };
  const { families, findings } = await readEndpoint(url, scraping);
  const metrics = families?.map(cardinalityOf) ?? [];
  if (families !== null) findings.push(...lint(families, metrics, { declared, prefix, maxSeries }));
  const counts = findings.some(({ severity }) => strict === true || severity === 'error');
  line.exitCode = counts ? EXIT.findings : EXIT.done;
  if (json) {
    const report = { url: withoutSecrets(url), findings, metrics };
    return writeText(line.stdout, `${JSON.stringify(report, null, 2)}\n`);
  }
  await writeText(line.stdout, findings.map(showFinding).join(''));
  const series = metrics.reduce((sum, each) => sum + each.series, 0);
  const summary = `${metrics.length} metrics, ${series} series, ${findings.length} findings\n`;
  return writeText(line.stderr, summary);
}

/** What the endpoint serves in text; a finding where one of the formats cannot be read. */
async function readEndpoint(
  url: URL,
  options: ScrapeOptions,
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
  // Not every endpoint has it.
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
  const ofEach = families.flatMap((family) => [...lintNames(family), ...lintSeries(family)]);
  const tooMany = metrics
    .filter(({ series }) => series > maxSeries)
    .map(({ metric, series, mostVaried }) => {
      const most =
        mostVaried === null ? '' : `; label '${mostVaried.label}' has ${mostVaried.values} values`;
      return finding('cardinality', metric, `${series} series, more than ${maxSeries}${most}`);
    });
  return [
    ...ofEach,
    ...tooMany,
    ...lintZeroSeries(families),
    ...lintPackage(families),
    ...(declared === null ? [] : lintDeclared(families, declared, prefix)),
  ];
}

function showFinding({ severity, rule, metric, text }: Finding): string {
  return `${severity} ${rule} ${printable(metric)}: ${printable(text)}\n`;
}
