import { Counter, Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  configureMetrics,
  Instrumented,
  renderMetrics,
  resetMetrics,
  ThriftService,
  Timed,
} from '../../src/index';
import { readProtobuf } from './read-protobuf';

@ThriftService('Started')
class StartedHandler {
  @Instrumented run(): void {}
  @Timed('started_summary_seconds', { quantiles: [0.5] }) sum(): void {}
  @Instrumented({ labels: { op: ({ args }) => String(args[0]) } }) labeled(_op: string): void {}
}
const handler = new StartedHandler();

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry });
});

/** The start timestamps in OpenMetrics, by metric and method, and by `op` where it is set. */
async function created(): Promise<Map<string, number>> {
  const { body } = await renderMetrics({ accept: 'application/openmetrics-text; version=1.0.0' });
  const found = [...body.toString().matchAll(/^(\w+)_created\{(.*)\} (\d+(?:\.\d{1,3})?)$/gm)];
  return new Map(
    found.map(([, name, labels = '', seconds]) => {
      const of = ['thrift_method', 'op', 'thrift_success', 'thrift_exception_kind']
        .map((label) => new RegExp(`\\b${label}="(.*?)"`).exec(labels)?.[1])
        .filter((value) => value !== undefined);
      return [[name, ...of].join(' '), Number(seconds)];
    }),
  );
}

/** A time as the formats show it, in milliseconds. The clocks of a process differ by less than one. */
const unixSeconds = (): number => Date.now() / 1000;

describe('start timestamps', () => {
  it('OpenMetrics has a start timestamp for every counter, histogram and summary, and none for a gauge', async () => {
    const found = await created();
    expect([...found.keys()]).toEqual(
      expect.arrayContaining([
        'thrift_server_requests run',
        'thrift_server_latency_seconds run true',
        'thrift_server_latency_seconds run false',
        'thrift_server_failed_requests run undeclared',
        'started_summary_seconds sum true',
      ]),
    );
    expect([...found.keys()].filter((key) => /active|oldest/.test(key))).toEqual([]);
  });

  it('a series that a call creates starts at that call', async () => {
    const before = unixSeconds();
    handler.labeled('late');
    const after = unixSeconds();
    const found = await created();
    for (const key of [
      'thrift_server_requests labeled late',
      'thrift_server_latency_seconds labeled late true',
    ]) {
      expect(found.get(key)).toBeGreaterThanOrEqual(before - 0.01);
      expect(found.get(key)).toBeLessThanOrEqual(after + 0.01);
    }
  });

  it('resetMetrics() starts every series again', async () => {
    handler.run();
    const before = unixSeconds();
    resetMetrics();
    for (const [key, seconds] of await created()) {
      expect([key, seconds >= before - 0.01]).toEqual([key, true]);
    }
  });

  it('protobuf has the same start timestamps as OpenMetrics', async () => {
    const found = await created();
    const families = await readProtobuf();
    const ofMethod = (name: string, method: string) =>
      families
        .find((family) => family.name === name)
        ?.metric?.find(({ label = [] }) => label.some(({ value }) => value === method));
    const counter = ofMethod('thrift_server_requests_total', 'run')?.counter?.createdTimestamp;
    const summary = ofMethod('started_summary_seconds', 'sum')?.summary?.createdTimestamp;
    const histogram = ofMethod('thrift_server_latency_seconds', 'run')?.histogram?.createdTimestamp;
    for (const [key, read] of [
      ['thrift_server_requests run', counter],
      ['started_summary_seconds sum true', summary],
      ['thrift_server_latency_seconds run true', histogram],
    ] as const) {
      expect(read).toBeDefined();
      expect(Number(read?.seconds) + Number(read?.nanos) / 1e9).toBeCloseTo(
        found.get(key) as number,
        3,
      );
    }
  });

  it('text 0.0.4 has no start timestamps, and metrics of the application have none in any format', async () => {
    new Counter({ name: 'application_total', help: 'x', registers: [registry] }).inc();
    const { body } = await renderMetrics();
    expect(body.toString()).not.toMatch(/_created/);
    expect([...(await created()).keys()].filter((key) => key.startsWith('application'))).toEqual(
      [],
    );
  });
});
