import { Tally } from '../../examples/calculator/tally.js';
import { sumOf } from '../../test/support/sum-of';
import type { Sample } from '../../test/support/text-format';
import { type Check, none } from './checks/check.js';
import { compareCounts, METHODS } from './checks/compare-counts.js';
import { judgeHeap } from './checks/judge-heap.js';
import { judgeProcess } from './checks/judge-process.js';
import { settledSamples } from './checks/settled-samples.js';
import type { Part } from './checks/write-report.js';
import { inRounds } from './load/in-rounds.js';
import { repeat } from './load/repeat.js';
import { Scrapes } from './load/scrapes.js';
import { Program } from './program.js';
import type { ClusterReport, Order } from './programs/cluster.js';
import { Workers } from './workers.js';

const CLIENTS = 4;

/** Runs a cluster whose workers come and go: some shut down cleanly, others are killed. */
export async function clusterPart(seconds: number): Promise<Part> {
  const program = new Program('cluster');
  try {
    const { metricsPort } = await program.ready<{ metricsPort: number }>();
    const workers = new Workers(program, metricsPort);
    for (const fate of ['orderly', 'orderly', 'killed'] as const) await workers.fork(fate);
    const scrapes = new Scrapes(metricsPort);
    const counts = { ended: 0, killed: 0 };
    const load = (stop: AbortSignal): Promise<unknown> =>
      Promise.all([
        ...Array.from({ length: CLIENTS }, () => repeat(stop, 50, () => workers.session())),
        // One after the other: overlapping scrapes share one round of requests to the workers, which may begin before the later
        // scrape does.
        repeat(stop, 1000, async () => {
          await scrapes.all();
          await workers.scrape();
        }),
        repeat(stop, 3000, async () => {
          await workers.fork('orderly');
          await workers.end();
          counts.ended++;
        }),
        repeat(stop, 3000, async () => {
          await workers.fork('killed');
          await workers.kill();
          counts.killed++;
        }),
      ]);
    await inRounds(seconds, load, async () => {
      await settledSamples(metricsPort);
      await program.ask('sample' satisfies Order);
    });
    const samples = await settledSamples(metricsPort);
    const report = await program.ask<ClusterReport>('report' satisfies Order);
    const all = workers.all.map(({ ledger }) => ledger);
    return {
      title: 'A cluster of three workers',
      seconds,
      figures: [
        ['client calls', all.reduce((sum, { sent }) => sum + sent, 0)],
        ['client sessions', all.reduce((sum, ledger) => sum + ledger.sessions, 0)],
        ['workers that shut down cleanly', counts.ended],
        ['killed workers', counts.killed],
        ['scrapes of the sums', workers.scrapes],
        ['scrapes of the sums slower than a second', workers.slowScrapes],
        ...Object.entries(scrapes.counts).map(([what, n]) => [`scrapes: ${what}`, n] as const),
      ],
      checks: [
        ...checkOrderly(samples, workers),
        checkKilled(samples, workers),
        none(
          'sums that decreased between scrapes',
          workers.sums.flatMap(({ fell }) => fell),
        ),
        none('workers that failed to shut down cleanly', report.badEnds),
        none('failed or incomplete scrapes', scrapes.wrong),
        none('uncaught errors and `onError` reports of workers', report.uncaught),
        none('`onError` reports of the primary', report.faults),
        ...judgeHeap(report.heap),
        ...judgeProcess(report.heap),
      ],
      heap: report.heap,
    };
  } finally {
    await program.stop();
  }
}

/** Checks that workers that shut down cleanly lose nothing. */
function checkOrderly(samples: readonly Sample[], workers: Workers): Check[] {
  const orderly = workers.all.filter(({ fate }) => fate === 'orderly');
  const sum = new Tally();
  for (const method of METHODS) {
    for (const { ledger } of orderly) {
      const count = ledger.tally.of(method);
      for (const key of ['calls', 'ok', 'declared', 'undeclared'] as const) {
        sum.of(method)[key] += count[key];
      }
    }
  }
  const broken = orderly.flatMap(({ ledger }) => ledger.broken);
  return [
    ...compareCounts(samples, sum, { fate: 'orderly' }),
    none('broken sessions with workers that shut down cleanly', broken),
  ];
}

/** Checks that killed workers lose at most what came after their last scrape. */
function checkKilled(samples: readonly Sample[], workers: Workers): Check {
  const killed = workers.all.filter(({ fate }) => fate === 'killed');
  const found = sumOf(samples, 'thrift_server_requests_total', { fate: 'killed' });
  const least = killed.reduce((sum, { held, alive, ledger }) => {
    return sum + (alive ? ledger.tally.total.calls : held);
  }, 0);
  const most = killed.reduce((sum, { ledger }) => sum + ledger.sent, 0);
  return {
    what: 'requests of killed workers: at least those at their last scrape, at most those sent',
    found: `${least} ≤ ${found} ≤ ${most}`,
    holds: least <= found && found <= most,
  };
}
