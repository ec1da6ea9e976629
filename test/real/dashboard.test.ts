import { once } from 'node:events';
import net, { type AddressInfo, type Server } from 'node:net';

import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { CalculatorHandler } from '../../examples/calculator/handler';
import { createGrafanaDashboard, createPrometheusRules } from '../../src/dashboards';
import { enableTracing } from '../../src/opentelemetry';
import {
  configureMetrics,
  getDeclaredMetrics,
  Instrumented,
  instrumentServer,
  Objective,
  startMetricsServer,
  Timed,
  type MetricsServer,
} from '../../src/index';
import { renderRules } from '../../src/tools/cli/rules-command';
import { expressionOf, interpolate, queriesOf } from '../tools/grafana/dashboard-queries';
import { dataOf } from './query-data';
import { certify } from '../support/certify';
import { familyNamed, seriesWith } from '../support/family-named';
import { startCalculator } from '../support/start-calculator';
import type { Program } from '../support/start-program';
import { startPrometheus, type Prometheus, type QueryResult } from '../support/start-prometheus';
import { thrift, type Service } from '../support/start-thrift';

const Library = require('../thrift/gen-nodejs/Library.js') as Service;

class Refused extends Error {}

/** Its calls are known: 100, of which 5 fail and 20 are refused, and 25 slow ones that only the histogram has. */
@Instrumented({ service: 'Known', exceptions: [Refused] })
@Objective({ availability: 0.9, latency: { target: 0.5, within: 1 }, window: '7d' })
class KnownHandler {
  run(i: number): void {
    answer(i);
  }

  @Timed({ name: 'known_summary_seconds', quantiles: [0.5, 0.95] })
  @Objective({ availability: 0.5, declaredExceptionsAreErrors: true })
  summed(i: number): void {
    answer(i);
  }
}

function answer(i: number): void {
  // The series of Error exists from the start. The increase of a series that appears later starts from its first value.
  if (i < 5) throw new Error('failed on purpose');
  if (i < 25) throw new Refused('refused on purpose');
}

const dashboard = createGrafanaDashboard();
const queries = queriesOf(dashboard);

let example: Program;
let own: MetricsServer;
let tlsServer: Server;
let disableTracing: () => void;
let prometheus: Prometheus;
/** Selects only the process of this test. */
let known: Record<string, string>;

beforeAll(async () => {
  example = startCalculator('--duration', '300');
  own = await startMetricsServer({ port: 0 });
  // Longer than this test takes. The first sweep, an eighth of it later, begins to count.
  configureMetrics({ expireAfter: 80 });
  // Counts the contexts that it rejects from the start.
  new NodeTracerProvider().register();
  disableTracing = enableTracing();
  tlsServer = await breakTls();
  const [, thriftPort] = await example.writes(/thrift +localhost:(\d+)/);
  const [, address = ''] = await example.writes(/metrics +http:\/\/(\S+)\/metrics/);
  const ownAddress = `127.0.0.1:${own.port}`;
  known = { instance: ownAddress, service: 'Known', method: 'run' };
  const text = renderRules(createPrometheusRules());
  prometheus = await startPrometheus([address, ownAddress], [], { text });
  await garble(Number(thriftPort));
  // Scrapes the counter at 0 first, so that rates include all calls.
  const calls = `thrift_server_requests_total{thrift_service="Known"}`;
  await answered(`count(${calls} == 0) == 2`);
  callHandler();
  await answered(`min(min_over_time(rate(${calls}[10m])[2s:1s])) > 0`);
});

afterAll(async () => {
  await Promise.all([example?.stop(), prometheus?.stop(), own?.close()]);
  tlsServer?.close();
  disableTracing?.();
});

function callHandler(): void {
  const handler = new KnownHandler();
  for (let i = 0; i < 100; i++) {
    for (const method of ['run', 'summed'] as const) {
      try {
        handler[method](i);
      } catch {}
    }
  }
  const labels = { thrift_service: 'Known', thrift_method: 'run', thrift_success: 'true' };
  const { cell } = seriesWith(
    familyNamed(register, 'thrift_server_latency_seconds', 'histogram'),
    labels,
  );
  for (let i = 0; i < 25; i++) cell.observe(2);
}

/** Sends plain text where a TLS handshake is expected. */
async function breakTls(): Promise<Server> {
  const settings = { tls: await certify('localhost') } as object;
  const server = instrumentServer(thrift.createServer(Library, {}, settings) as Server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const failed = once(server, 'tlsClientError');
  net
    .connect((server.address() as AddressInfo).port, '127.0.0.1')
    .on('error', () => {})
    .end('GET / HTTP/1.1\r\n\r\n');
  await failed;
  return server;
}

/** Sends a message with an unknown protocol version. */
async function garble(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.end(Buffer.from('80020001000000', 'hex'));
  await closed;
}

const byId = (left: Record<string, string>, right: Record<string, string>): number =>
  String(left['id']) < String(right['id']) ? -1 : 1;

/** Retries, because a rate needs two scrapes and Prometheus does not report when it has made them. */
function eventually<T>(found: () => Promise<T[]>): Promise<T[]> {
  return vi.waitUntil(
    async () => {
      const results = await found();
      return results.length > 0 ? results : undefined;
    },
    { timeout: 30_000, interval: 200 },
  );
}

function answered(expression: string): Promise<QueryResult[]> {
  return eventually(() => prometheus.query(expression));
}

describe('the queries of the dashboard', () => {
  test.each(queries.map((query) => [query.place, query] as const))(
    'the query of %s returns data',
    async (_, query) => {
      expect((await eventually(() => dataOf(prometheus, query))).length).toBeGreaterThan(0);
    },
  );
});

test('the graph of callers has the fields that Grafana reads, and its edges join its nodes', async () => {
  const graph = queries.filter(({ panel }) => panel.title === 'Who calls whom');
  const [nodes = [], edges = []] = await Promise.all(
    graph.map(({ target }) => answered(interpolate(target.expr))),
  );
  const services = ['Calculator', 'SharedService'];
  expect(nodes.map(({ metric }) => metric).toSorted(byId)).toEqual(
    [...services, 'load'].map((name) => ({ id: name, title: name })),
  );
  expect(edges.map(({ metric }) => metric).toSorted(byId)).toEqual(
    services.map((name) => ({ id: `load\n${name}`, source: 'load', target: name })),
  );
  // What a service receives comes from its only caller.
  const callsOf = (found: QueryResult[], label: string, name: string): number =>
    Number(found.find(({ metric }) => metric[label] === name)?.value[1]);
  for (const name of services) expect(callsOf(edges, 'target', name)).toBeGreaterThan(0);
  const [{ panel } = { panel: undefined }] = graph;
  expect(panel?.transformations).toMatchObject([
    { options: { renameByName: { 'Value #A': 'mainstat', 'Value #B': 'mainstat' } } },
  ]);
});

test('the dashboard shows the objectives of the example', () => {
  const methods = getDeclaredMetrics(CalculatorHandler).filter(({ objective }) => objective);
  const budgets = expressionOf(dashboard, 'Error budgets', 'Budget left');

  expect(methods.length).toBeGreaterThan(0);
  for (const { method } of methods) expect(budgets).toContain(method);
});

test('the annotation for restarts has the start time of both processes in milliseconds', async () => {
  const restarts = dashboard.annotations.list.find(({ name }) => name === 'Restarts');
  expect(restarts?.expr).toBe(restarts?.target.expr);

  const found = await prometheus.query(interpolate(restarts?.target.expr ?? ''));

  expect(found).toHaveLength(2);
  for (const { value } of found) {
    expect(Number(value[1])).toBeLessThan(Date.now());
    expect(Number(value[1])).toBeGreaterThan(Date.now() - 3_600_000);
  }
});

test('the annotation for alerts has what fires for the selected methods', async () => {
  const alerts = dashboard.annotations.list.find(({ name }) => name === 'Alerts');
  expect(alerts?.expr).toBe(alerts?.target.expr);
  const firing = (chosen: Record<string, string>) =>
    prometheus.query(interpolate(alerts?.target.expr ?? '', chosen));

  const found = await eventually(() => firing({ service: 'Calculator', method: 'mean' }));

  const names = found.map(({ metric }) => metric['alertname']);
  expect(new Set(names)).toEqual(new Set(['ThriftAvailabilityBudgetBurn']));
  expect(await firing({ service: 'Other' })).toEqual([]);
});

describe('the variables of the dashboard', () => {
  async function valuesOf(name: string, chosen: Record<string, string> = {}): Promise<string[]> {
    const { definition = '' } = dashboard.templating.list.find((each) => each.name === name) ?? {};
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
    return prometheus.labelValues(label, interpolate(selector, chosen));
  }

  test('the variable job lists the job of the scrape', async () => {
    expect(await valuesOf('job')).toEqual(['calculator']);
  });

  test('the variable instance lists both processes', async () => {
    expect(await valuesOf('instance')).toHaveLength(2);
    expect(await valuesOf('instance')).toContain(known['instance']);
    expect(await valuesOf('instance', { job: 'other' })).toEqual([]);
  });

  test('the variable service lists the services of the chosen instances', async () => {
    // The process of this test also has the classes of the example.
    expect(await valuesOf('service')).toEqual(['Calculator', 'Known', 'SharedService']);
    expect(await valuesOf('service', { instance: 'other' })).toEqual([]);
  });

  test('the variable method lists the methods of the chosen service', async () => {
    expect(await valuesOf('method', { service: 'Known' })).toEqual(['run', 'summed']);
    expect(await valuesOf('method', { service: 'SharedService' })).toEqual([
      'getStruct',
      'recentKeys',
    ]);
  });
});

describe('the dashboard for known calls', () => {
  async function valueOf(title: string, column?: string, method = 'run'): Promise<number> {
    const chosen = { ...known, method, __rate_interval: '600s' };
    const expression = interpolate(expressionOf(dashboard, title, column), chosen);
    const [found, ...others] = await answered(expression);
    expect(others).toEqual([]);
    return Number(found?.value[1]);
  }

  test.each([
    ['Overview', 'Bad calls', 0.05],
    ['Rate, errors and duration of $service', 'Failed calls', 0.25],
  ])('the row %s shows the correct share as %s', async (row, title, share) => {
    const found = queries.find(({ row: in_, panel }) => in_.title === row && panel.title === title);
    const chosen = { ...known, __rate_interval: '600s' };

    const [shown] = await answered(interpolate(found?.target.expr ?? '', chosen));

    expect(Number(shown?.value[1])).toBeCloseTo(share, 10);
  });

  test('the table of slowest methods shows the quantiles and the error ratio', async () => {
    // 100 of 125 calls take less than the first bound, the other 25 between 1 s and 2.5 s. The 95th percentile is the
    // 18.75th of these 25 calls, and the 99th the 23.75th.
    expect(await valueOf('Methods by latency', 'p95')).toBeCloseTo(1 + 1.5 * (18.75 / 25), 6);
    expect(await valueOf('Methods by latency', 'p99')).toBeCloseTo(1 + 1.5 * (23.75 / 25), 6);
    expect(await valueOf('Methods by latency', 'Bad calls')).toBeCloseTo(0.05, 10);
  });

  test('the heatmap shows the increase of each bucket', async () => {
    const heatmap = queries.find(
      ({ panel }) => panel.type === 'heatmap' && panel.description.includes('Known.run'),
    );
    const chosen = { ...known, __rate_interval: '600s' };
    const buckets = await answered(interpolate(heatmap?.target.expr ?? '', chosen));

    const of = (le: string): number =>
      Number(buckets.find(({ metric }) => metric['le'] === le)?.value[1]);
    expect(of('+Inf')).toBeGreaterThan(0);
    expect(of('1.0') / of('+Inf')).toBeCloseTo(100 / 125, 10);
    expect(of('2.5')).toBe(of('+Inf'));
  });

  test.each(['recorded', 'raw'] as const)(
    'the table of error budgets shows the budget and the burn rate of each objective from %s series',
    async (objectives) => {
      const shownBy = createGrafanaDashboard({ objectives });
      const chosen = { ...known, method: '.*' };
      const shown = async (column: string): Promise<Record<string, number>> => {
        const expression = interpolate(expressionOf(shownBy, 'Error budgets', column), chosen);
        const found = await answered(expression);
        return Object.fromEntries(
          found.map(({ metric, value }) => [
            `${metric['thrift_method']} ${metric['objective']}`,
            Number(value[1]),
          ]),
        );
      };
      // 5 of the 10 calls that may fail have failed, and 25 of the 62.5 calls that may be slow were slow. Of `summed`,
      // which counts both kinds of errors, 25 of 50 have failed.
      const burned = {
        'run 90% without errors over 7d': expect.closeTo(0.5, 10),
        'run 50% within 1 s over 7d': expect.closeTo(0.4, 10),
        'summed 50% without exceptions over 30d': expect.closeTo(0.5, 10),
      };

      const left = {
        'run 90% without errors over 7d': expect.closeTo(0.5, 10),
        'run 50% within 1 s over 7d': expect.closeTo(0.6, 10),
        'summed 50% without exceptions over 30d': expect.closeTo(0.5, 10),
      };
      // Rules are evaluated every second, after the calls.
      await vi.waitFor(async () => expect(await shown('Budget left')).toEqual(left), {
        timeout: 30_000,
        interval: 200,
      });
      expect(await shown('Burn rate 1 h')).toEqual(burned);
      expect(await shown('Burn rate 6 h')).toEqual(burned);
    },
  );
});

test('a method that is never called has an error ratio of 0 and its whole budget', async () => {
  const chosen = { method: 'reset' };
  const share = expressionOf(dashboard, 'Methods by latency', 'Bad calls');
  const raw = createGrafanaDashboard({ objectives: 'raw' });
  const budget = expressionOf(raw, 'Error budgets', 'Budget left');

  const shares = await answered(interpolate(share, chosen));
  const budgets = await answered(interpolate(budget, chosen));

  expect(shares.map(({ value }) => value[1])).toEqual(['0']);
  expect(budgets.map(({ value }) => value[1])).toEqual(['1', '1']);
});

test('the dashboard shows about the error ratio that the client of the example causes', async () => {
  const share = expressionOf(dashboard, 'Methods by latency', 'Bad calls');
  const chosen = { service: 'Calculator', method: 'zip|add|mean' };
  // The burst must be within the range.
  await answered(
    interpolate(
      'sum(increase(thrift_server_failed_requests_total{thrift_method="mean"}[$__range])) > 5',
    ),
  );

  const found = await answered(interpolate(share, chosen));

  const byMethod = Object.fromEntries(
    found.map(({ metric, value }) => [metric['thrift_method'], Number(value[1])]),
  );
  expect(byMethod).toMatchObject({ add: 0, zip: 0 });
  // About a quarter of the calls of `mean`, chosen at random, are for the mean of nothing.
  expect(byMethod['mean']).toBeGreaterThan(0.02);
  expect(byMethod['mean']).toBeLessThan(0.8);
});
