// Regenerates the rules and the dashboard of examples/monitoring from what the handler of examples/calculator declares.
// With --check, only compares them. Needs the built package.
//   node --import tsx scripts/generate-monitoring.mjs [--check]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import {
  createGrafanaDashboard,
  createPrometheusAnomalyTests,
  createPrometheusRuleResource,
  createPrometheusRules,
  createPrometheusRuleTests,
} from 'thrift-metrics/dashboards';

import { renderRules } from '../src/tools/cli/rules-command.ts';
import { root } from './run.mjs';

const FOLDER = 'examples/monitoring';

// The rules and the dashboard are derived from the handler's decorators.
await import('../examples/calculator/handler.ts');

const rules = createPrometheusRules({ anomalies: true });
/** The same rules for the Prometheus operator. */
const prometheusRule = createPrometheusRuleResource(rules, {
  name: 'calculator',
  labels: { 'app.kubernetes.io/name': 'calculator' },
});
const outputs = {
  'rules/thrift.yml': renderRules(rules),
  'tests/thrift.yml': renderRules(createPrometheusRuleTests('../rules/thrift.yml')),
  'tests/anomalies.yml': renderRules(createPrometheusAnomalyTests('../rules/thrift.yml')),
  'kubernetes/prometheus-rule.yml': renderRules(prometheusRule),
  'grafana/dashboards/thrift.json': `${JSON.stringify(createGrafanaDashboard({ anomalies: true }), null, 2)}\n`,
};

const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(outputs)) {
  const path = join(root, FOLDER, name);
  if (check) compare(name, path, text);
  else write(path, text);
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function compare(name, path, text) {
  if (read(path) === text) return;
  console.error(`${FOLDER}/${name} does not match the handler. Run npm run generate:monitoring.`);
  process.exitCode = 1;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
