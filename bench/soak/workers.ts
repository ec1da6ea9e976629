import { Ledger } from './load/ledger.js';
import { RisingSum } from './load/rising-sum.js';
import { runSession } from './load/run-session.js';
import { readSamples } from './load/scrapes.js';
import type { Program } from './program.js';
import type { Fate, Forked, Order } from './programs/cluster.js';

/** Time that the primary gives a worker to answer. After that, the sum uses the worker's previous answer. */
const ANSWER_LIMIT_MS = 1000;

const FATES: readonly Fate[] = ['orderly', 'killed'];

interface Target extends Forked {
  readonly fate: Fate;
  readonly ledger: Ledger;
  readonly sessions: Set<Promise<void>>;
  alive: boolean;
  /** Calls answered before the last scrape that is certain to include them. */
  held: number;
}

/** The clients' view of the workers. */
export class Workers {
  readonly all: Target[] = [];
  slowScrapes = 0;
  scrapes = 0;
  readonly sums = FATES.map((fate) => new RisingSum({ fate }));

  constructor(
    private readonly program: Program,
    private readonly metricsPort: number,
  ) {}

  async fork(fate: Fate): Promise<void> {
    const forked = await this.#order<Forked>({ fork: fate });
    const rest = { fate, ledger: new Ledger(), sessions: new Set<Promise<void>>() };
    this.all.push({ ...forked, ...rest, alive: true, held: 0 });
  }

  /** Runs a client session with a random live worker. */
  async session(): Promise<void> {
    const living = this.all.filter(({ alive }) => alive);
    const target = living[Math.floor(Math.random() * living.length)];
    if (target === undefined) return;
    const session = runSession(target.port, target.ledger);
    target.sessions.add(session);
    await session;
    target.sessions.delete(session);
  }

  /** Ends the oldest orderly worker immediately after the last answer to its clients. */
  async end(): Promise<void> {
    const target = this.#oldest('orderly');
    target.alive = false;
    await Promise.all(target.sessions);
    await this.#order({ end: target.id });
  }

  /** Kills the oldest worker that is to be killed, during its work. */
  async kill(): Promise<void> {
    const target = this.#oldest('killed');
    target.alive = false;
    await this.#order({ kill: target.id });
  }

  /** Scrapes, and records every sum that is lower than before. */
  async scrape(): Promise<void> {
    const answered = this.all
      .filter(({ alive }) => alive)
      .map((target) => ({ target, calls: target.ledger.tally.total.calls }));
    const began = performance.now();
    const samples = await readSamples(this.metricsPort);
    this.scrapes++;
    for (const sum of this.sums) sum.compare(samples);
    if (performance.now() - began >= ANSWER_LIMIT_MS) {
      this.slowScrapes++;
      return;
    }
    for (const { target, calls } of answered) if (target.alive) target.held = calls;
  }

  #oldest(fate: Fate): Target {
    const target = this.all.find((one) => one.alive && one.fate === fate);
    if (target === undefined) throw new Error(`there is no live worker with the fate '${fate}'`);
    return target;
  }

  #order<Answer>(order: Order): Promise<Answer> {
    return this.program.ask<Answer>(order);
  }
}
