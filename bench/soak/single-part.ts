import { sumOf } from '../../test/support/sum-of';
import type { Sample } from '../../test/support/text-format';
import { type Check, none } from './checks/check.js';
import { compareCounts } from './checks/compare-counts.js';
import { judgeHeap } from './checks/judge-heap.js';
import { settledSamples } from './checks/settled-samples.js';
import type { Part } from './checks/write-report.js';
import { Garbage } from './load/garbage.js';
import { inRounds } from './load/in-rounds.js';
import { Ledger } from './load/ledger.js';
import { PageReads } from './load/page-reads.js';
import { repeat } from './load/repeat.js';
import { runSession } from './load/run-session.js';
import { Scrapes } from './load/scrapes.js';
import { Program } from './program.js';
import type { SingleOrder, SingleReady, SingleReport } from './programs/single.js';

const CLIENTS = 4;
const MAX_SERIES = 2000;
const ENDLESS = 'soak_endless_total';
/** The fault that the unbounded label causes. No other fault may occur. */
const EXPECTED_FAULTS = new Set([`series limit of ${ENDLESS}`]);

/** Runs one server with all disturbances at once. */
export async function singlePart(seconds: number): Promise<Part> {
  const program = new Program('single');
  try {
    const { thriftPort, metricsPort } = await program.ready<SingleReady>();
    const ledger = new Ledger();
    const scrapes = new Scrapes(metricsPort);
    const page = new PageReads(metricsPort);
    const garbage = new Garbage();
    const load = (stop: AbortSignal): Promise<unknown> =>
      Promise.all([
        ...Array.from({ length: CLIENTS }, () =>
          repeat(stop, 50, () => runSession(thriftPort, ledger)),
        ),
        repeat(stop, 1000, () => scrapes.all()),
        repeat(stop, 1000, () => page.all()),
        repeat(stop, 300, () => garbage.onThrift(thriftPort)),
        repeat(stop, 300, () => garbage.onMetrics(metricsPort)),
      ]);
    await inRounds(seconds, load, async () => {
      await settledSamples(metricsPort);
      await program.ask('sample' satisfies SingleOrder);
    });
    const samples = await settledSamples(metricsPort);
    const report = await program.ask<SingleReport>('report' satisfies SingleOrder);
    return {
      title: 'One process',
      seconds,
      figures: [
        ['client calls', ledger.sent],
        ['client sessions', ledger.sessions],
        ['handler module reloads', report.reloads],
        ...Object.entries(scrapes.counts).map(([what, n]) => [`scrapes: ${what}`, n] as const),
        ['live page requests', page.count],
        ...Object.entries(garbage.counts),
        ['`error` events of the Thrift server', report.serverErrors],
      ],
      checks: [
        ...compareCounts(samples, ledger.tally),
        ...checkConnections(samples, garbage),
        ...checkSeries(samples, ledger),
        none('broken client sessions', ledger.broken),
        none('failed or incomplete scrapes', scrapes.wrong),
        none('failed live page requests', page.wrong),
        none('uncaught exceptions and unhandled rejections', report.uncaught),
        ...checkFaults(report.faults),
        ...judgeHeap(report.heap),
      ],
      heap: report.heap,
    };
  } finally {
    await program.stop();
  }
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

function checkSeries(samples: readonly Sample[], ledger: Ledger): Check[] {
  const endless = samples.filter(({ name }) => name === ENDLESS);
  const other = sumOf(samples, ENDLESS, { operands: '_other' });
  const dropped = sumOf(samples, 'thrift_metrics_dropped_series_total', { metric: ENDLESS });
  const sum = sumOf(samples, ENDLESS, {});
  const { calls } = ledger.tally.of('Calculator.add');
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
