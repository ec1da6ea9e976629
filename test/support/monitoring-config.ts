import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse, stringify } from 'yaml';

export const MONITORING = join(__dirname, '../../examples/monitoring');

interface Targets {
  static_configs?: { targets: string[] }[];
}

export interface PrometheusConfig {
  global: {
    scrape_interval: string;
    evaluation_interval?: string;
    external_labels?: Record<string, string>;
  };
  rule_files?: string[];
  alerting?: { alertmanagers: Targets[] };
  scrape_configs: (Targets & { job_name: string; [key: string]: unknown })[];
  remote_write?: { url: string }[];
}

/** A Prometheus configuration of examples/monitoring. */
export function readPrometheusConfig(name: string): PrometheusConfig {
  return parse(readFileSync(join(MONITORING, name), 'utf8')) as PrometheusConfig;
}

/**
 * Adapts a configuration of examples/monitoring for use outside its containers, with an interval of one second and other
 * addresses. Targets without another address are left out.
 */
export function adaptPrometheusConfig(
  name: string,
  addresses: Readonly<Record<string, string>>,
): string {
  const config = readPrometheusConfig(name);
  config.global.scrape_interval = '1s';
  if (config.rule_files !== undefined) config.global.evaluation_interval = '1s';
  const groups = [...config.scrape_configs, ...(config.alerting?.alertmanagers ?? [])];
  for (const group of groups.flatMap((each) => each.static_configs ?? [])) {
    group.targets = group.targets.flatMap((target) => addresses[target] ?? []);
  }
  for (const endpoint of config.remote_write ?? []) {
    const { host } = new URL(endpoint.url);
    endpoint.url = endpoint.url.replace(host, addresses[host] ?? host);
  }
  if (config.rule_files !== undefined) {
    config.rule_files = config.rule_files.map((path) => join(MONITORING, path));
  }
  return stringify(config);
}
