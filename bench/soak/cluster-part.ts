import { Tally } from '../../examples/calculator/tally.js';
import { sumOf } from '../../test/support/sum-of';
import type { Sample } from '../../test/support/text-format';
import { type Check, none } from './checks/check.js';
import { compareCounts, METHODS } from './checks/compare-counts.js';
import { judgeHeap } from './checks/judge-heap.js';
import { settledSamples } from './checks/settled-samples.js';
import type { Part } from './checks/write-report.js';
import { inRounds } from './load/in-rounds.js';
import { repeat } from './load/repeat.js';
import { Scrapes } from './load/scrapes.js';
import { Program } from './program.js';
import type { ClusterReport, Order } from './programs/cluster.js';
import { Workers } from './workers.js';

const CLIENTS = 4;

/** A cluster whose workers come and go, in order and not. */
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
        // In turn: scrapes that overlap share one round of questions, which may have begun before the later of them.
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
        ['calls of clients', all.reduce((sum, { sent }) => sum + sent, 0)],
        ['clients that came and went', all.reduce((sum, ledger) => sum + ledger.sessions, 0)],
        ['workers that ended in order', counts.ended],
        ['workers that were killed', counts.killed],
        ['scrapes for the sums', workers.scrapes],
        ['of these slower than a second', workers.slowScrapes],
        ...Object.entries(scrapes.counts).map(([what, n]) => [`scrapes: ${what}`, n] as const),
      ],
      checks: [
        ...checkOrderly(samples, workers),
        checkKilled(samples, workers),
        none('sums that fell from one scrape to another', workers.fell),
        none('workers that were to end in order and did not', report.badEnds),
        none('scrapes that failed or were not whole', scrapes.wrong),
        none('uncaught errors, and reports to `onError` of workers', report.uncaught),
        none('reports to `onError` of the primary', report.faults),
        ...judgeHeap(report.heap),
      ],
      heap: report.heap,
    };
  } finally {
    await program.stop();
  }
}

/** Those that end in order lose nothing. */
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
    none('sessions with workers that end in order that broke', broken),
  ];
}

/** Those that are killed lose no more than what came after the last scrape. */
function checkKilled(samples: readonly Sample[], workers: Workers): Check {
  const killed = workers.all.filter(({ fate }) => fate === 'killed');
  const found = sumOf(samples, 'thrift_server_requests_total', { fate: 'killed' });
  const least = killed.reduce((sum, { held, alive, ledger }) => {
    return sum + (alive ? ledger.tally.total.calls : held);
  }, 0);
  const most = killed.reduce((sum, { ledger }) => sum + ledger.sent, 0);
  return {
    what: 'requests of workers that were killed: between those at the last scrape before and all sent',
    found: `${least} ≤ ${found} ≤ ${most}`,
    holds: least <= found && found <= most,
  };
}
