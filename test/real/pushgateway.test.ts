import { Pushgateway, Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { configureMetrics, Instrumented, ThriftService, Timed } from '../../src/index';
import { startProgram, type Program } from '../support/start-program';

@ThriftService('Billing')
class BillingHandler {
  @Instrumented({ labels: { tier: 'gold' } })
  async bill(amount: number): Promise<void> {
    if (amount < 0) throw new RangeError('negative');
  }

  @Timed('billing_run_seconds', { native: true, buckets: [1, 60] })
  run(): void {}
}

const registry = new Registry();
let program: Program;
let url: string;
beforeAll(async () => {
  // Debian's default is a file that outlives the test.
  const options = ['--web.listen-address=127.0.0.1:0', '--persistence.file='];
  program = startProgram('prometheus-pushgateway', options);
  const [, address] = await program.writes(/msg="Listening on" address=(\S+)/);
  url = `http://${address}`;

  configureMetrics({ registry, defaultLabels: { env: 'prod', text: 'a "quoted" \\ text' } });
  const handler = new BillingHandler();
  await handler.bill(1);
  await handler.bill(2);
  await expect(handler.bill(-1)).rejects.toThrow('negative');
  handler.run();
});
afterAll(() => program.stop());

async function pushed(): Promise<string[]> {
  return (await (await fetch(`${url}/metrics`)).text()).split('\n');
}

/** The value of the only line of a metric with all of these labels. */
function valueIn(lines: readonly string[], name: string, ...labels: string[]): string | undefined {
  const found = lines.filter(
    (line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)),
  );
  expect(found).toHaveLength(1);
  return found[0]?.split(' ').at(-1);
}

it('the Pushgateway accepts the metrics of a batch program with default labels from the client library', async () => {
  await new Pushgateway(url, {}, registry).push({
    jobName: 'billing',
    groupings: { instance: 'night' },
  });
  const lines = await pushed();
  const job = [
    'env="prod"',
    String.raw`text="a \"quoted\" \\ text"`,
    'job="billing"',
    'instance="night"',
  ];
  const bill = [...job, 'thrift_service="Billing"', 'thrift_method="bill"', 'tier="gold"'];
  expect(valueIn(lines, 'thrift_server_requests_total', ...bill)).toBe('3');
  expect(valueIn(lines, 'thrift_server_active_requests', ...bill)).toBe('0');
  expect(
    valueIn(
      lines,
      'thrift_server_errors_total',
      ...bill,
      'thrift_exception_type="RangeError"',
      'thrift_exception_kind="undeclared"',
    ),
  ).toBe('1');
  const latency = 'thrift_server_latency_seconds';
  expect(valueIn(lines, `${latency}_count`, ...bill, 'thrift_success="true"')).toBe('2');
  expect(valueIn(lines, `${latency}_bucket`, ...bill, 'success="false"', 'le="+Inf"')).toBe('1');
  expect(lines).toContain(`# TYPE ${latency} histogram`);
});

it('the Pushgateway gets the classic buckets of a native histogram', async () => {
  await new Pushgateway(url, {}, registry).pushAdd({ jobName: 'billing' });
  const lines = await pushed();
  const run = ['job="billing"', 'instance=""', 'thrift_method="run"', 'thrift_success="true"'];
  const buckets = lines.filter(
    (line) =>
      line.startsWith('billing_run_seconds_bucket{') && run.every((label) => line.includes(label)),
  );
  expect(buckets.map((line) => /le="([^"]+)".* (\S+)$/.exec(line)?.slice(1))).toEqual([
    ['1', '1'],
    ['60', '1'],
    ['+Inf', '1'],
  ]);
  expect(valueIn(lines, 'billing_run_seconds_count', ...run)).toBe('1');
});

it('a push replaces the metrics of the job, and a delete removes them', async () => {
  const gateway = new Pushgateway(url, {}, registry);
  await gateway.push({ jobName: 'replaced' });
  await new BillingHandler().bill(3);
  await gateway.push({ jobName: 'replaced' });
  const name = 'thrift_server_requests_total';
  expect(valueIn(await pushed(), name, 'job="replaced"', 'thrift_method="bill"')).toBe('4');
  await gateway.delete({ jobName: 'replaced' });
  // The Pushgateway answers 202 to a delete, and carries it out after its answer.
  const remaining = async () => (await pushed()).filter((line) => line.includes('job="replaced"'));
  await expect.poll(remaining, { timeout: 10_000 }).toEqual([]);
});
