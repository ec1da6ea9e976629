import { type Check, none } from './checks/check.js';
import { medianSlope } from './checks/judge-heap.js';
import type { Part } from './checks/write-report.js';
import { Program } from './program.js';
import type { ClientsOrder, ClientsReport } from './programs/clients.js';
import type { HeapSample } from './programs/watch.js';

const MOST_CLIENTS = 100_000;
const CLIENTS_PER_SECOND = 1000;
const ROUNDS = 10;
/** Rounds in which V8 still learns. */
const FIRST_ROUNDS = 2;

/** Greatest allowed growth per client. A client that stays in memory costs at least some 400 bytes and two objects. */
const MOST_KEPT = { bytes: 8, objects: 0.01 } as const;

/**
 * Runs a pool that creates 100,000 clients on one connection, with a call each. A run of less than 100 seconds has 1,000
 * clients for each second.
 */
export async function clientsPart(seconds: number): Promise<Part> {
  const clients = Math.ceil(Math.min(MOST_CLIENTS, seconds * CLIENTS_PER_SECOND) / ROUNDS) * ROUNDS;
  const began = performance.now();
  const program = new Program('clients');
  try {
    await program.ready();
    const round = (): Promise<ClientsReport> =>
      program.ask<ClientsReport>({ clients: clients / ROUNDS } satisfies ClientsOrder);
    let report = await round();
    for (let i = 1; i < ROUNDS; i++) report = await round();
    const { requests, succeeded, active, uncaught, faults, heap } = report;
    return {
      title: 'A client for every call',
      seconds: (performance.now() - began) / 1000,
      figures: [['clients on one connection', clients]],
      checks: [
        {
          what: 'calls of clients: made, succeeded, in flight',
          found: `${requests}, ${succeeded}, ${active}`,
          holds: requests === clients && succeeded === clients && active === 0,
        },
        none('uncaught exceptions and unhandled rejections', uncaught),
        none('`onError` reports', faults),
        ...judgeKept(heap, clients),
      ],
      heap,
    };
  } finally {
    await program.stop();
  }
}

/** Checks that clients leave nothing in memory. What V8 learns at first is not judged, and neither is a short run. */
function judgeKept(heap: readonly HeapSample[], clients: number): Check[] {
  const judged = clients >= MOST_CLIENTS;
  const points = heap.map((sample, round) => ({ created: (clients / ROUNDS) * round, sample }));
  return (['bytes', 'objects'] as const).map((what) => {
    const settled = points.slice(FIRST_ROUNDS);
    const kept = medianSlope(
      settled.map(({ created, sample }) => ({ x: created, y: sample[what] })),
    );
    const found = kept.toFixed(what === 'bytes' ? 1 : 4);
    return {
      what: `memory after the first rounds: ${what} kept for each client, at most ${MOST_KEPT[what]}`,
      found: judged ? found : `${found}: too short to judge`,
      holds: !judged || kept <= MOST_KEPT[what],
    };
  });
}
