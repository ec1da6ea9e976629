import { once } from 'node:events';

import { Tally } from '../../examples/calculator/tally.js';
import { sumOf } from '../../test/support/sum-of';
import type { Sample } from '../../test/support/text-format';
import { type Check, none } from './checks/check.js';
import { compareCounts, METHODS } from './checks/compare-counts.js';
import { judgeHeap } from './checks/judge-heap.js';
import { judgeProcess } from './checks/judge-process.js';
import { settledSamples } from './checks/settled-samples.js';
import type { Part } from './checks/write-report.js';
import { Garbage } from './load/garbage.js';
import { inRounds } from './load/in-rounds.js';
import { Ledger, ONEWAY } from './load/ledger.js';
import { PageReads } from './load/page-reads.js';
import { Profiles } from './load/profiles.js';
import { repeat } from './load/repeat.js';
import { runSession } from './load/run-session.js';
import { Scrapes } from './load/scrapes.js';
import { Program } from './program.js';
import type { PoolOrder, PoolReport } from './programs/pool.js';
import type { SingleOrder, SingleReady, SingleReport } from './programs/single.js';

const CLIENTS = 4;
const MAX_SERIES = 2000;
const ENDLESS = 'soak_endless_total';
/** The fault that the unbounded label causes. No other fault may occur. */
const EXPECTED_FAULTS = new Set([`series limit of ${ENDLESS}`]);

/** Runs one server with all disturbances at once. */
export async function singlePart(seconds: number): Promise<Part> {
  const program = new Program('single');
  const pool = new Program('pool', [`--require=${require.resolve('thrift-metrics/auto')}`], {
    THRIFT_METRICS_SERVER: 'false',
    THRIFT_METRICS_TRACING: 'true',
  });
  try {
    const { thriftPort, metricsPort } = await program.ready<SingleReady>();
    await pool.ready();
    const ledger = new Ledger();
    const scrapes = new Scrapes(metricsPort);
    const page = new PageReads(metricsPort);
    const profiles = new Profiles(metricsPort);
    const garbage = new Garbage();
    const load = (stop: AbortSignal): Promise<unknown> =>
      Promise.all([
        ...Array.from({ length: CLIENTS }, () =>
          repeat(stop, 50, () => runSession(thriftPort, ledger)),
        ),
        repeat(stop, 1000, () => scrapes.all()),
        repeat(stop, 1000, () => page.all()),
        repeat(stop, 1000, () => profiles.take()),
        callByPool(stop, pool, thriftPort),
        repeat(stop, 300, () => garbage.onThrift(thriftPort)),
        repeat(stop, 300, () => garbage.onMetrics(metricsPort)),
      ]);
    await inRounds(seconds, load, async () => {
      await settledSamples(metricsPort);
      await program.ask('sample' satisfies SingleOrder);
    });
    const samples = await settledSamples(metricsPort);
    const report = await program.ask<SingleReport>('report' satisfies SingleOrder);
    const pooled = await pool.ask<PoolReport>('pause' satisfies PoolOrder);
    const sum = sumOfTallies(ledger, pooled);
    return {
      title: 'One process',
      seconds,
      figures: [
        ['client calls', ledger.sent],
        ['client sessions', ledger.sessions],
        ['calls through a pool of connections', pooled.calls],
        ['spans of the server', report.spans.ended],
        ['spans of the pool', pooled.spans.ended],
        ['profiles', profiles.count],
        ['jumps of the clock', report.clockJumps],
        ['handler module reloads', report.reloads],
        ...Object.entries(scrapes.counts).map(([what, n]) => [`scrapes: ${what}`, n] as const),
        ['live page requests', page.count],
        ...Object.entries(garbage.counts),
        ['`error` events of the Thrift server', report.serverErrors],
      ],
      checks: [
        ...compareCounts(samples, sum),
        ...checkPool(pooled),
        ...checkSpans(samples, report, pooled),
        checkDurations(samples, ledger, pooled),
        ...checkConnections(samples, garbage),
        ...checkSeries(samples, sum),
        none('broken client sessions', ledger.broken),
        none('failed or incomplete scrapes', scrapes.wrong),
        none('failed live page requests', page.wrong),
        none('failed profiles', profiles.wrong),
        none('uncaught exceptions and unhandled rejections', report.uncaught),
        ...checkFaults(report.faults),
        ...judgeHeap(report.heap),
        ...judgeProcess(report.heap),
      ],
      heap: report.heap,
    };
  } finally {
    await Promise.all([program.stop(), pool.stop()]);
  }
}

/** Lets the pool call until the load is to stop. */
async function callByPool(stop: AbortSignal, pool: Program, port: number): Promise<void> {
  await pool.ask({ call: port } satisfies PoolOrder);
  if (!stop.aborted) await once(stop, 'abort');
  await pool.ask('pause' satisfies PoolOrder);
}

/** Adds up what the sessions and the pool have counted. */
function sumOfTallies({ tally }: Ledger, { counts }: PoolReport): Tally {
  const sum = new Tally();
  for (const method of METHODS) {
    for (const count of [tally.of(method), counts[method]]) {
      for (const key of ['calls', 'ok', 'declared', 'undeclared'] as const) {
        sum.of(method)[key] += count?.[key] ?? 0;
      }
    }
  }
  return sum;
}

function checkPool({ calls, requests, succeeded, active, counts }: PoolReport): Check[] {
  const ok = Object.values(counts).reduce((sum, count) => sum + count.ok, 0);
  return [
    {
      what: 'calls of the pool: made, by its metrics',
      found: `${calls}, ${requests}`,
      holds: calls === requests && calls > 0,
    },
    {
      what: 'successes of the pool: made, by its metrics, in flight',
      found: `${ok}, ${succeeded}, ${active}`,
      holds: ok === succeeded && active === 0,
    },
  ];
}

function checkSpans(
  samples: readonly Sample[],
  { spans }: SingleReport,
  pool: PoolReport,
): Check[] {
  const requests = sumOf(samples, 'thrift_server_requests_total', {});
  return [
    {
      what: 'spans of the server: started, ended, requests',
      found: `${spans.started}, ${spans.ended}, ${requests}`,
      holds: spans.started === requests && spans.ended === requests,
    },
    {
      what: 'spans of the pool: started, ended, continued by the server, calls',
      found: `${pool.spans.started}, ${pool.spans.ended}, ${spans.continued}, ${pool.calls}`,
      holds: [pool.spans.started, pool.spans.ended, spans.continued].every((n) => n === pool.calls),
    },
  ];
}

/** Durations that were measured with a clock that jumps would be hours or days apart from what the clients saw. */
function checkDurations(samples: readonly Sample[], ledger: Ledger, pool: PoolReport): Check {
  const answered = METHODS.filter((method) => method !== ONEWAY);
  const server = answered.reduce((sum, name) => {
    const [service = '', method = ''] = name.split('.');
    const labels = { thrift_service: service, thrift_method: method };
    return sum + sumOf(samples, 'thrift_server_latency_seconds_sum', labels);
  }, 0);
  const clients = ledger.seconds + pool.seconds;
  return {
    what: 'seconds that answered calls took: at most those of the clients',
    found: `${server.toFixed(1)}, ${clients.toFixed(1)}`,
    holds: server > 0 && server <= clients,
  };
}

function checkConnections(samples: readonly Sample[], garbage: Garbage): Check[] {
  const open = sumOf(samples, 'thrift_server_active_connections', {});
  const accepted = sumOf(samples, 'thrift_server_connections_total', {});
  const closed = sumOf(samples, 'thrift_server_connections_closed_total', {});
  const resets = sumOf(samples, 'thrift_server_requests_total', { thrift_method: 'reset' });
  return [
    {
      what: 'connections: accepted, closed, open',
      found: `${accepted}, ${closed}, ${open}`,
      holds: open === 0 && accepted === closed,
    },
    {
      what: 'calls followed by a connection reset: arrived, sent',
      found: `${resets}, ${garbage.uncertainCalls}`,
      holds: resets <= garbage.uncertainCalls,
    },
  ];
}

function checkSeries(samples: readonly Sample[], tally: Tally): Check[] {
  const endless = samples.filter(({ name }) => name === ENDLESS);
  const other = sumOf(samples, ENDLESS, { operands: '_other' });
  const dropped = sumOf(samples, 'thrift_metrics_dropped_series_total', { metric: ENDLESS });
  const sum = sumOf(samples, ENDLESS, {});
  const { calls } = tally.of('Calculator.add');
  return [
    {
      what: `series of the unbounded label: at most ${MAX_SERIES} plus \`_other\``,
      found: String(endless.length),
      holds: endless.length <= MAX_SERIES + 1,
    },
    {
      what: 'sum of these series, calls of `add`',
      found: `${sum}, ${calls}`,
      holds: sum === calls,
    },
    {
      what: '`_other`, `thrift_metrics_dropped_series_total`',
      found: Number.isNaN(other) ? 'not reached' : `${other}, ${dropped}`,
      holds: Number.isNaN(other) ? calls <= MAX_SERIES : other === dropped,
    },
  ];
}

function checkFaults(faults: readonly string[]): Check[] {
  const expected = faults.filter((site) => EXPECTED_FAULTS.has(site));
  return [
    {
      what: '`onError` reports about the unbounded label: at most one',
      found: expected.join(', ') || 'none',
      holds: expected.length <= 1,
    },
    none(
      'other `onError` reports',
      faults.filter((site) => !EXPECTED_FAULTS.has(site)),
    ),
  ];
}
