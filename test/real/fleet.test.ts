import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { adaptPrometheusConfig, readPrometheusConfig } from '../support/monitoring-config';
import { runPrometheus, type RunningPrometheus } from '../support/run-prometheus';
import { type Prometheus, questionsTo } from '../support/start-prometheus';
import { parseText } from '../support/text-format';
import { type Door, startDoor } from './fleet/start-door';
import { type Counts, startInstance, type Instance } from './fleet/start-instance';

const METHOD = 'thrift_service, thrift_method';
/** Longer than this test runs, so that it includes all counts. */
const RANGE_S = 600;
/** Messages have an additional series, for unknown methods. */
const NO_UNKNOWN = { 'Calculator._unknown': 0 };

const instances: Instance[] = [];
let agent: RunningPrometheus;
let central: Prometheus;
/** Stands between the agent and the central store. */
let door: Door;

/** The counts of the clients, one entry for each run. The first three are of the three instances. */
const tallies: Counts[] = [];

beforeAll(async () => {
  instances.push(...(await Promise.all([startInstance(), startInstance(), startInstance()])));
  const store = await runPrometheus(adaptPrometheusConfig('prometheus-central.yml', {}), {
    args: ['--web.enable-remote-write-receiver'],
  });
  central = questionsTo(store);
  door = await startDoor(store.address);
  const [first, second, third] = instances.map(({ address }) => address);
  const addresses = {
    'calculator:8000': first as string,
    'calculator-2:8000': second as string,
    'calculator-3:8000': third as string,
    'central:9090': door.address,
  };
  agent = await runPrometheus(adaptPrometheusConfig('prometheus-agent.yml', addresses), {
    agent: true,
  });
  await Promise.all(instances.map(arrivedAtZero));
  await Promise.all(instances.map((instance) => instance.startLoad()));
  await until(
    async () => (await numberOf('min(sum by (instance) (thrift_server_requests_total))')) > 100,
  );
  tallies.push(...(await Promise.all(instances.map((instance) => instance.stopLoad()))));
  await arrivedSince(Date.now());
});

afterAll(async () => {
  await Promise.all([...instances.map((each) => each.kill()), agent?.stop(), central?.stop()]);
  door?.close();
});

/** Polls, because Prometheus does not report when it has scraped or when remote writes have arrived. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 60_000, interval: 100 });
}

/** The value of an expression with at most one result. Without a result it is NaN, which is never greater. */
async function numberOf(expression: string): Promise<number> {
  const [result] = await central.query(expression);
  return Number(result?.value[1] ?? Number.NaN);
}

/** Resolves when the central store has every method of the instance, before its first call. */
async function arrivedAtZero({ address }: Instance): Promise<void> {
  const before = ['requests_total', 'messages_total'].map(
    (name) => `sum(thrift_server_${name}{instance="${address}"}) == 0`,
  );
  await until(async () => (await Promise.all(before.map(numberOf))).every((sum) => sum === 0));
}

/** Resolves when every series read below has a sample in the central store that was scraped after this time. */
async function arrivedSince(ms: number): Promise<void> {
  const names = ['requests_total', 'errors_total', 'messages_total', 'latency_seconds_count'];
  const oldest = names.map((name) => `min(timestamp(thrift_server_${name}))`);
  await until(async () =>
    (await Promise.all(oldest.map(numberOf))).every((seconds) => seconds * 1000 > ms),
  );
}

interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastScrape: string;
}

/** The targets that the agent scrapes. */
async function targets(): Promise<Target[]> {
  return ((await agent.get('targets')) as { activeTargets: Target[] }).activeTargets;
}

/** The number of calls that the instances themselves report. */
async function callsAt(each: readonly Instance[]): Promise<number> {
  const texts = await Promise.all(
    each.map(async ({ address }) => (await fetch(`http://${address}/metrics`)).text()),
  );
  return texts
    .flatMap(parseText)
    .filter(({ name }) => name === 'thrift_server_requests_total')
    .reduce((sum, { value }) => sum + value, 0);
}

/** The values of an expression by service and method, as the clients name methods. */
async function byMethod(expression: string): Promise<Record<string, number>> {
  const results = await central.query(expression);
  return Object.fromEntries(
    results
      .map(({ metric, value }): [string, number] => [
        `${metric['thrift_service']}.${metric['thrift_method']}`,
        Number(value[1]),
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The sum of what all clients counted, by method. */
function sumOf(counted: readonly Counts[], outcome: 'calls' | 'declared' | 'undeclared') {
  const names = Object.keys(counted[0]?.counts ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      counted.reduce((sum, { counts }) => sum + (counts[name]?.[outcome] ?? 0), 0),
    ]),
  );
}

/**
 * The increase of a counter over the whole test, summed over the fleet from the rate of each instance. Prometheus
 * extrapolates between two scrapes. At the time of a sample, and from a first sample of 0, it has nothing to extrapolate.
 */
async function grownByMethod(metric: string): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { address } of instances) {
    const series = `${metric}{instance="${address}"}`;
    const last = await numberOf(`min(timestamp(${series}))`);
    const rate = `rate(${series}[${RANGE_S}s] @ ${last.toFixed(3)})`;
    const grown = await byMethod(`sum by (${METHOD}) (${rate}) * ${RANGE_S}`);
    for (const [name, value] of Object.entries(grown)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

function expectClose(found: Record<string, number>, expected: Record<string, number>): void {
  expect(Object.keys(found).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, value] of Object.entries(expected)) expect(found[name]).toBeCloseTo(value, 6);
}

/** Leaves out the method whose label `op` is known only at its first call: Prometheus sees no increase to a first value. */
function withoutCalculate(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).filter(([name]) => name !== 'Calculator.calculate'),
  );
}

test('the agent scrapes the three instances of its configuration', async () => {
  const activeTargets = await targets();

  const expected = instances.map(({ address }) => ({
    labels: { job: 'calculator', instance: address },
    health: 'up',
  }));
  expect(activeTargets).toHaveLength(3);
  expect(activeTargets).toEqual(
    expect.arrayContaining(expected.map((each) => expect.objectContaining(each))),
  );
});

test('every series in the central store has the labels of the agent, the target and the program', async () => {
  const external = readPrometheusConfig('prometheus-agent.yml').global.external_labels;

  const labels = await central.query(
    'count by (job, cluster, env, region) ({__name__=~"thrift_.+"})',
  );

  expect(labels.map(({ metric }) => metric)).toEqual([
    { job: 'calculator', ...external, env: 'dev', region: 'local' },
  ]);
});

test('the requests of the fleet are the sum of what the clients counted, for each method', async () => {
  const total = tallies.reduce((sum, tally) => sum + tally.total.calls, 0);

  const requests = await byMethod(`sum by (${METHOD}) (thrift_server_requests_total)`);

  expect(requests).toEqual(sumOf(tallies, 'calls'));
  expect(await numberOf('sum(thrift_server_requests_total)')).toBe(total);
  expect(total).toBeGreaterThan(300);
  expect(requests['Calculator.reset']).toBe(0);
});

test('the requests of each instance are those that its client counted', async () => {
  const found = await central.query('sum by (instance) (thrift_server_requests_total)');

  expect(
    Object.fromEntries(found.map(({ metric, value }) => [metric['instance'], Number(value[1])])),
  ).toEqual(
    Object.fromEntries(instances.map(({ address }, i) => [address, tallies[i]?.total.calls])),
  );
});

test.each(['declared', 'undeclared'] as const)(
  'the %s errors of the fleet and their ratio match the errors of the clients',
  async (kind) => {
    const errors = `sum by (${METHOD}) (thrift_server_errors_total{thrift_exception_kind="${kind}"})`;
    const requests = `sum by (${METHOD}) (thrift_server_requests_total)`;
    const expected = sumOf(tallies, kind);
    const calls = sumOf(tallies, 'calls');

    expect(await byMethod(errors)).toEqual(expected);
    expectClose(
      await byMethod(`${errors} / (${requests} > 0)`),
      Object.fromEntries(
        Object.entries(expected)
          .filter(([name]) => calls[name] !== 0)
          .map(([name, count]) => [name, count / (calls[name] as number)]),
      ),
    );
    expect(Object.values(expected).some((count) => count > 0)).toBe(true);
  },
);

test('the rates of the fleet over the time of the load add up to what the clients counted', async () => {
  const calls = sumOf(tallies, 'calls');

  expectClose(await grownByMethod('thrift_server_messages_total'), { ...calls, ...NO_UNKNOWN });
  expectClose(
    withoutCalculate(await grownByMethod('thrift_server_requests_total')),
    withoutCalculate(calls),
  );
});

test('counts from an outage of the central store arrive later', async () => {
  const before = tallies.reduce((sum, { total }) => sum + total.calls, 0);
  door.shut();
  await Promise.all(instances.map((instance) => instance.startLoad()));
  await until(async () => door.refused && (await callsAt(instances)) > before + 300);
  const later = Date.now();
  await until(async () =>
    (await targets()).every(({ lastScrape }) => Date.parse(lastScrape) > later),
  );
  tallies.push(...(await Promise.all(instances.map((instance) => instance.stopLoad()))));
  expect(await numberOf('sum(thrift_server_requests_total)')).toBe(before);

  const end = Date.now();
  door.open();
  await arrivedSince(end);

  const calls = sumOf(tallies, 'calls');
  expect(await byMethod(`sum by (${METHOD}) (thrift_server_requests_total)`)).toEqual(calls);
  // Includes what was scraped during the outage, not only the last values.
  const meanwhile = `sum(thrift_server_requests_total @ ${(end / 1000).toFixed(3)})`;
  expect(await numberOf(meanwhile)).toBeGreaterThan(before + 300);
});

test('rates stay correct when an instance is killed and restarts at 0', async () => {
  const killed = instances[2] as Instance;
  await killed.kill();
  await until(async () => (await numberOf(`up{instance="${killed.address}"}`)) === 0);

  const successor = await startInstance(Number(killed.address.split(':')[1]));
  instances[2] = successor;
  await arrivedAtZero(successor);
  await successor.startLoad();
  const requests = `sum(thrift_server_requests_total{instance="${successor.address}"})`;
  await until(async () => (await numberOf(requests)) > 100);
  tallies.push(await successor.stopLoad());
  await arrivedSince(Date.now());

  const calls = sumOf(tallies, 'calls');
  expectClose(await grownByMethod('thrift_server_messages_total'), { ...calls, ...NO_UNKNOWN });
  // The counters themselves have lost what the killed instance had counted.
  const now = await byMethod(`sum by (${METHOD}) (thrift_server_requests_total)`);
  expect(now['Calculator.add']).toBeLessThan(calls['Calculator.add'] as number);
});
