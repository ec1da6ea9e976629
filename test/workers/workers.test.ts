import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Scrape {
  contentType: string;
  body: string;
}

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

describe.each(['cluster', 'threads'])('%s', (kind) => {
  let program: ChildProcess;

  beforeEach(() => {
    const path = join(__dirname, `programs/${kind}.mjs`);
    // A group of its own, so that its workers end with it, also one that hangs.
    program = fork(path, { execArgv: [], detached: true });
  });
  afterEach(async () => {
    const gone = once(program, 'exit');
    process.kill(-(program.pid as number), 'SIGKILL');
    await gone;
  });

  async function tell(message: object): Promise<unknown> {
    const answer = once(program, 'message');
    program.send(message);
    return (await answer)[0];
  }

  async function requests(): Promise<number> {
    const { body } = (await tell({ scrape: true })) as Scrape;
    const line = /^thrift_server_requests_total\{(.*)\} (\d+)$/m.exec(body);
    expect(line?.[1]).toContain('thrift_method="add"');
    expect(line?.[1]).toContain('env="test"');
    return Number(line?.[2]);
  }

  it('serves the sum over all workers and itself', async () => {
    await tell({ fork: true });
    await tell({ fork: true });
    await tell({ times: 1 });
    await tell({ to: 0, times: 10 });
    await tell({ to: 1, times: 100 });
    expect(await requests()).toBe(111);
    await tell({ to: 1, times: 1 });
    expect(await requests()).toBe(112);
  });

  it('serves it in every format', async () => {
    await tell({ fork: true });
    await tell({ to: 0, times: 3 });
    const openMetrics = (await tell({ scrape: true, accept: OPENMETRICS })) as Scrape;
    expect(openMetrics.contentType).toMatch(/^application\/openmetrics-text/);
    expect(openMetrics.body).toMatch(/^# TYPE thrift_server_requests counter$/m);
    expect(openMetrics.body).toMatch(/^thrift_server_requests_total\{.*\} 3$/m);
    expect(openMetrics.body).toMatch(
      /^thrift_server_latency_seconds_count\{.*thrift_success="true".*\} 3$/m,
    );
    expect(openMetrics.body).toMatch(/# EOF\n$/);
    const protobuf = (await tell({ scrape: true, accept: PROTOBUF })) as Scrape;
    expect(protobuf.contentType).toMatch(/^application\/vnd\.google\.protobuf/);
    expect(protobuf.body).toContain('thrift_server_latency_seconds');
  });

  it('never goes backwards when a worker dies and another takes its place', async () => {
    await tell({ fork: true });
    await tell({ to: 0, times: 10 });
    expect(await requests()).toBe(10);
    await tell({ to: 0, kill: true });
    expect(await requests()).toBe(10);
    await tell({ fork: true });
    await tell({ to: 1, times: 5 });
    expect(await requests()).toBe(15);
    await tell({ to: 1, kill: true });
    expect(await requests()).toBe(15);
  });

  it('a worker that hangs stands with the last it has sent, and does not fail the scrape', async () => {
    await tell({ fork: true });
    await tell({ fork: true });
    await tell({ to: 0, times: 10 });
    expect(await requests()).toBe(10);
    await tell({ to: 0, hang: true });
    await tell({ to: 1, times: 5 });
    for (let scrape = 0; scrape < 4; scrape++) expect(await requests()).toBe(15);
  });
});
