import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import { type Options, readOptions } from '../../examples/calculator/options';
import { configurations } from '../docs/blocks';
import { MONITORING, readPrometheusConfig } from '../support/monitoring-config';
import { runProgram } from '../support/start-program';

interface Service {
  image?: string;
  command?: string[];
  volumes?: string[];
  build?: { context: string; dockerfile: string };
  extends?: { file: string; service: string };
  networks?: Record<string, { aliases: string[] }>;
}

const PORT = (readOptions([]) as Options).metricsPort;
const PATH = '/metrics';
const SCRAPE_INTERVAL = '15s';

const PROMETHEUS_CONFIGS = readdirSync(MONITORING).filter((name) =>
  /^prometheus.*\.yml$/.test(name),
);
const COMPOSE_FILES = ['compose.yml', 'compose.remote-write.yml'] as const;
const services = Object.fromEntries(COMPOSE_FILES.map((name) => [name, servicesOf(name)]));

function read(name: string): string {
  return readFileSync(join(MONITORING, name), 'utf8');
}

function servicesOf(name: string): Record<string, Service> {
  return (parse(read(name)) as { services: Record<string, Service> }).services;
}

function volumesOf({ volumes = [] }: Service): { source: string; target: string; mode: string }[] {
  return volumes.map((volume) => {
    const [source = '', target = '', mode = ''] = volume.split(':');
    return { source, target, mode };
  });
}

/** The names by which containers of these files reach each other. */
const hosts = new Set(
  COMPOSE_FILES.flatMap((file) =>
    Object.entries(services[file] ?? {}).flatMap(([name, { networks = {} }]) => [
      name,
      ...Object.values(networks).flatMap(({ aliases }) => aliases),
    ]),
  ),
);

test('the rules and the dashboard match what the handler declares', async () => {
  const script = ['--import', 'tsx', 'scripts/generate-monitoring.mjs'];

  expect(await runProgram(process.execPath, [...script, '--check'])).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
});

test.each(COMPOSE_FILES)('every file that %s mounts or builds from exists', (file) => {
  for (const service of Object.values(services[file] ?? {})) {
    for (const { source, mode } of volumesOf(service)) {
      expect(mode).toBe('ro');
      expect(existsSync(join(MONITORING, source)), source).toBe(true);
    }
    const { build } = service;
    if (build === undefined) continue;
    expect(existsSync(join(MONITORING, build.context, build.dockerfile))).toBe(true);
    expect(normalize(join(MONITORING, build.context, build.dockerfile))).toContain(MONITORING);
  }
});

test.each(COMPOSE_FILES)(
  'every image of %s has a version, and every program has a single version',
  (file) => {
    for (const { image } of Object.values(services[file] ?? {})) {
      if (image !== undefined) expect(image).toMatch(/:(v?\d+\.\d+\.\d+\S*|example)$/);
    }
    const images = COMPOSE_FILES.flatMap((name) =>
      Object.values(services[name] ?? {}).flatMap(({ image }) => image ?? []),
    );
    const programs = new Set(images.map((image) => image.split(':')[0]));
    expect(new Set(images).size).toBe(programs.size);
  },
);

test.each(COMPOSE_FILES)('every configuration that a command of %s names is mounted', (file) => {
  const commands = Object.entries(services[file] ?? {}).flatMap(([name, { command = [] }]) =>
    command.flatMap((word) => {
      const path = /^--config\.file=(.+)$/.exec(word)?.[1];
      return path === undefined ? [] : [[name, path] as const];
    }),
  );
  expect(commands.length).toBeGreaterThan(0);
  for (const [name, path] of commands) {
    // An override file adds its mounts to those of the first file.
    const mounted = COMPOSE_FILES.flatMap((each) => volumesOf(services[each]?.[name] ?? {}));
    const named = path.replace('${PROMETHEUS_CONFIG:-prometheus.yml}', 'prometheus.yml');
    expect(mounted.map(({ target }) => target)).toContain(named);
  }
});

test('the rules are mounted where the configurations look for them', () => {
  const { source, target } =
    volumesOf(services['compose.yml']?.['prometheus'] ?? {}).find(({ source: from }) =>
      from.endsWith('rules'),
    ) ?? {};

  expect([source, target]).toEqual(['./rules', '/etc/prometheus/rules']);
  for (const name of PROMETHEUS_CONFIGS) {
    const { rule_files } = readPrometheusConfig(name);
    // An agent evaluates no rules.
    expect(rule_files).toEqual(name === 'prometheus-agent.yml' ? undefined : ['rules/*.yml']);
  }
});

test.each(PROMETHEUS_CONFIGS)('%s scrapes the port and path of the example', (name) => {
  const { global, scrape_configs } = readPrometheusConfig(name);
  expect(global.scrape_interval).toBe(SCRAPE_INTERVAL);
  for (const config of scrape_configs) {
    expect(config['metrics_path'] ?? PATH).toBe(PATH);
    if (config.job_name !== 'calculator') continue;
    const targets = (config.static_configs ?? []).flatMap((each) => each.targets);
    for (const target of targets) {
      const [host = '', port] = target.split(':');
      expect([hosts.has(host), Number(port)], target).toEqual([true, PORT]);
    }
    for (const { names, port } of (config['dns_sd_configs'] ?? []) as {
      names: string[];
      port: number;
    }[]) {
      expect([names.every((host) => hosts.has(host)), port]).toEqual([true, PORT]);
    }
  }
});

test('the agent scrapes every calculator and writes to the central store', () => {
  const { scrape_configs, remote_write } = readPrometheusConfig('prometheus-agent.yml');
  const calculators = COMPOSE_FILES.flatMap((file) =>
    Object.keys(services[file] ?? {}).filter((name) => name.startsWith('calculator')),
  );

  expect(scrape_configs[0]?.static_configs).toEqual([
    { targets: calculators.map((name) => `${name}:${PORT}`) },
  ]);
  expect(remote_write?.map(({ url }) => url)).toEqual(['http://central:9090/api/v1/write']);
  const central = services['compose.remote-write.yml']?.['prometheus'];
  expect(central?.networks?.['default']?.aliases).toEqual(['central']);
  expect(central?.command).toContain('--web.enable-remote-write-receiver');
});

test('Grafana is provisioned with the Prometheus of the compose file and the mounted dashboards', () => {
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: { url: string; jsonData: { timeInterval: string } }[];
  };
  const { providers } = parse(read('grafana/provisioning/dashboards/thrift.yml')) as {
    providers: { options: { path: string } }[];
  };
  const mounted = volumesOf(services['compose.yml']?.['grafana'] ?? {});

  expect(datasources.map(({ url }) => url)).toEqual(['http://prometheus:9090']);
  expect(datasources[0]?.jsonData.timeInterval).toBe(SCRAPE_INTERVAL);
  expect(mounted).toContainEqual({
    source: './grafana/dashboards',
    target: providers[0]?.options.path,
    mode: 'ro',
  });
});

test('Alertmanager sends to the receiver of the compose file', () => {
  const urls = [...read('alertmanager.yml').matchAll(/url: (\S+)/g)].map(([, url]) => url);
  const webhook = services['compose.yml']?.['webhook'];

  expect(urls).toEqual(['http://webhook:8080/page', 'http://webhook:8080/ticket']);
  expect(webhook?.command).toEqual(['node', volumesOf(webhook ?? {})[0]?.target]);
  expect(read('webhook.mjs')).toContain('?? 8080');
});

test('the PodMonitor selects the pods of the deployment by their label and the name of their port', () => {
  const deployment = parse(read('kubernetes/calculator.yml')) as {
    spec: {
      selector: { matchLabels: object };
      template: {
        metadata: { labels: object };
        spec: { containers: { image: string; ports: { name: string; containerPort: number }[] }[] };
      };
    };
  };
  const { spec } = parse(read('kubernetes/pod-monitor.yml')) as {
    spec: { selector: { matchLabels: object }; podMetricsEndpoints: object[] };
  };
  const { template, selector } = deployment.spec;
  const [container] = template.spec.containers;

  expect(selector.matchLabels).toEqual(template.metadata.labels);
  expect(spec.selector.matchLabels).toEqual(template.metadata.labels);
  expect(container?.ports).toEqual([{ name: 'metrics', containerPort: PORT }]);
  expect(spec.podMetricsEndpoints).toEqual([
    { port: 'metrics', path: PATH, interval: SCRAPE_INTERVAL },
  ]);
  expect(container?.image).toBe(services['compose.yml']?.['calculator']?.image);
});

test('the Kubernetes guide shows the job and the PodMonitor of the example', () => {
  const podMonitor = configurations('kubernetes').find(
    ({ content }) => content['kind'] === 'PodMonitor',
  );
  const job = configurations('prometheus').find(({ page }) => page === podMonitor?.page);
  const { scrape_configs } = readPrometheusConfig('prometheus-kubernetes.yml');
  expect(job?.content).toEqual({ scrape_configs });
  const { spec } = parse(read('kubernetes/pod-monitor.yml')) as { spec: object };
  expect(spec).toMatchObject(podMonitor?.content['spec'] ?? { isMissing: true });
});

test.each(readdirSync(join(MONITORING, 'kubernetes')))(
  '%s is a valid YAML file of Kubernetes objects',
  (name) => {
    for (const document of parseAllDocuments(read(`kubernetes/${name}`))) {
      expect([document.errors, document.warnings]).toEqual([[], []]);
      expect(document.toJS()).toMatchObject({
        apiVersion: expect.any(String),
        kind: expect.any(String),
        metadata: { name: expect.any(String) },
      });
    }
  },
);

test('the Dockerfile copies existing files, and its ignore file lets all of them through', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources = '']) =>
    sources.split(' '),
  );
  const letThrough = [...read('Dockerfile.dockerignore').matchAll(/^!(.+)$/gm)].map(
    ([, path = '']) => path,
  );

  expect(copied.toSorted()).toEqual(letThrough.toSorted());
  for (const path of copied) expect(existsSync(join(MONITORING, '../..', path)), path).toBe(true);
});
