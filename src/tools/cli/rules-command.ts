import { type Command, Option } from 'commander';
import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';

import type { HistogramStorage } from '../histogram-expressions';
import { createPrometheusAnomalyTests } from '../rules/create-anomaly-tests';
import { createPrometheusRules } from '../rules/create-prometheus-rules';
import { createPrometheusRuleTests } from '../rules/create-rule-tests';
import { createPrometheusRuleResource } from '../rules/prometheus-rule-resource';
import { CommandError, type CommandLine } from './command-line';
import { outputOption, parseLabel } from './command-options';
import { addSourceOptions, readMethods, SOURCES, type SourceOptions } from './method-sources';
import { writeOutput } from './output';
import { portablePath } from './portable-path';

type Labels = Record<string, string>;

interface RulesOptions extends SourceOptions {
  readonly format: 'prometheus' | 'prometheusrule' | 'sloth';
  readonly name?: string;
  readonly metadataLabel?: Labels;
  readonly runbookUrl?: string;
  readonly dashboardUrl?: string;
  readonly label?: Labels;
  readonly pageLabel?: Labels;
  readonly ticketLabel?: Labels;
  readonly recordingLabel?: Labels;
  readonly interval?: string;
  readonly histograms: HistogramStorage;
  readonly anomalies?: boolean;
  readonly tests?: string;
  readonly anomalyTests?: string;
  readonly output?: string;
}

export function addRulesCommand(program: Command, line: CommandLine): void {
  const command = program
    .command('rules')
    .argument(...SOURCES)
    .summary('generate Prometheus recording and alerting rules')
    .description(
      'Writes Prometheus rules as YAML, for the methods and objectives that modules declare, that running endpoints serve, or that a policy file names.',
    )
    .addOption(
      new Option(
        '--format <format>',
        'a rule file, a PrometheusRule of the Prometheus operator, or a rule file that also has the series of Sloth',
      )
        .choices(['prometheus', 'prometheusrule', 'sloth'])
        .default('prometheus'),
    )
    .option('--name <name>', 'name of the PrometheusRule')
    .option(
      '--metadata-label <name=value>',
      'label of the PrometheusRule, such as release=prometheus; repeatable',
      parseLabel,
    )
    .option('--runbook-url <template>', 'http or https address of the runbook of each alert')
    .option('--dashboard-url <template>', 'http or https address of the dashboard of each alert')
    .option('--label <name=value>', 'label to add to every alert; repeatable', parseLabel)
    .option(
      '--page-label <name=value>',
      'label of alerts that cannot wait, such as severity=critical; repeatable',
      parseLabel,
    )
    .option(
      '--ticket-label <name=value>',
      'label of alerts that can wait, such as severity=warning; repeatable',
      parseLabel,
    )
    .option(
      '--recording-label <name=value>',
      'label to add to every recorded series; repeatable',
      parseLabel,
    )
    .option('--interval <duration>', 'how often Prometheus evaluates the rules, such as 30s')
    .addOption(
      new Option('--histograms <storage>', 'how Prometheus stores histograms')
        .choices(['any', 'classic'])
        .default('any'),
    )
    .option(
      '--anomalies',
      'also record bands of normal values, and alert on values that stay outside',
    )
    .option('--tests <file>', 'also write tests for `promtool test rules`; needs --output')
    .option(
      '--anomaly-tests <file>',
      'also write tests of the anomalies for `promtool test rules`; needs --anomalies and --output',
    )
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics rules ./dist/calculator-handler.js -o rules.yml
  thrift-metrics rules ./dist/handlers.js --label team=payments --page-label severity=critical
  thrift-metrics rules ./dist/handlers.js --format prometheusrule --metadata-label release=prometheus
  thrift-metrics rules http://localhost:8000 --config policy.yaml -o rules.yml
  thrift-metrics rules ./dist/handlers.js -o rules.yml --tests rules.test.yml && promtool test rules rules.test.yml`,
    )
    .action((sources: string[], options: RulesOptions) => writeRules(line, sources, options));
}

async function writeRules(
  line: CommandLine,
  sources: readonly string[],
  options: RulesOptions,
): Promise<void> {
  const { format, name, metadataLabel, tests, anomalyTests, output } = options;
  if ((tests ?? anomalyTests) !== undefined) checkTestable(options);
  if (anomalyTests !== undefined && options.anomalies !== true) {
    throw new CommandError('--anomaly-tests needs rules for anomalies. Add --anomalies.');
  }
  if (format !== 'prometheusrule' && (name ?? metadataLabel) !== undefined) {
    throw new CommandError(
      '--name and --metadata-label have no effect on a rule file. Use them with --format prometheusrule.',
    );
  }
  const methods = await readMethods(sources, line, options);
  if (methods.length === 0) {
    throw new CommandError(
      'No method is known to generate rules for. Name a service and a method without * or ? in a rule with an objective, or pass a module or the URL of a running endpoint.',
    );
  }
  const settings = {
    runbookUrl: options.runbookUrl,
    dashboardUrl: options.dashboardUrl,
    labels: options.label,
    pageLabels: options.pageLabel,
    ticketLabels: options.ticketLabel,
    recordingLabels: options.recordingLabel,
    interval: options.interval,
    histograms: options.histograms,
    sloth: format === 'sloth',
    anomalies: options.anomalies,
  };
  const rules = createPrometheusRules(settings);
  const content =
    format === 'prometheusrule'
      ? createPrometheusRuleResource(rules, { name, labels: metadataLabel })
      : rules;
  await writeOutput(line, renderRules(content), output);
  if (output === undefined) return;
  const writeTests = (file: string, createTests: (ruleFile: string) => object): Promise<void> => {
    const ruleFile = portablePath(dirname(resolve(line.cwd, file)), resolve(line.cwd, output));
    return writeOutput(line, renderRules(createTests(ruleFile)), file);
  };
  if (tests !== undefined) {
    await writeTests(tests, (ruleFile) => createPrometheusRuleTests(ruleFile, settings));
  }
  if (anomalyTests !== undefined) await writeTests(anomalyTests, createPrometheusAnomalyTests);
}

/** promtool reads rule files, which its tests name. */
function checkTestable({ format, output }: RulesOptions): void {
  if (output === undefined) {
    throw new CommandError(
      'Tests need a rule file, whose path they contain. Add --output with a file.',
    );
  }
  if (format === 'prometheusrule') {
    throw new CommandError(
      'Tests need a rule file, because promtool does not read a PrometheusRule. Write them with --format prometheus; the rules are the same.',
    );
  }
}

const COMMENT = '# Generated by `thrift-metrics rules`. Do not edit: changes are overwritten.\n';

/** Renders a rule file, a `PrometheusRule` or a test file as YAML. */
export function renderRules(content: object): string {
  // Keeps the line breaks of expressions, and writes values that rules share in full instead of as YAML aliases.
  return COMMENT + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}
