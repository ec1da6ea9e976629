import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { takePorts } from '../../test/support/free-ports';
import { ProcessManager } from '../../test/support/process-manager';
import { none } from './checks/check.js';
import { compareCounts } from './checks/compare-counts.js';
import { settledSamples } from './checks/settled-samples.js';
import type { Part } from './checks/write-report.js';
import { inRounds } from './load/in-rounds.js';
import { Ledger } from './load/ledger.js';
import { repeat } from './load/repeat.js';
import { RisingSum } from './load/rising-sum.js';
import { runSession } from './load/run-session.js';
import { readSamples } from './load/scrapes.js';

const CLIENTS = 4;
const FEWEST_WORKERS = 3;
const MOST_WORKERS = 4;
const NAME = 'calculator';
/** Longer than a session of a client, which a worker lets end. */
const KILL_TIMEOUT_MS = 30_000;
/** Longer than a worker takes to start on a busy machine. */
const READY_TIMEOUT_MS = 30_000;

/** Runs workers of PM2, whose daemon does not load the package. They are reloaded, and their number changes. */
export async function pm2Part(seconds: number): Promise<Part> {
  const manager = new ProcessManager();
  try {
    const [port = 0, metricsPort = 0] = await takePorts(2);
    await start(manager, port, metricsPort);
    const ledger = new Ledger();
    const sum = new RisingSum();
    const counts = { reloads: 0, scales: 0, scrapes: 0, refused: 0, lost: 0 };
    // The primary of a cluster never closes a connection that it has given to a worker which ended before taking it.
    const lost = (): void => void counts.lost++;
    const wrong: string[] = [];
    const scrape = async (): Promise<void> => {
      try {
        sum.compare(await readSamples(metricsPort));
        counts.scrapes++;
      } catch (error) {
        if (isBetweenWorkers(error)) counts.refused++;
        else wrong.push((error as Error).message);
      }
    };
    const load = (stop: AbortSignal): Promise<unknown> =>
      Promise.all([
        ...Array.from({ length: CLIENTS }, () =>
          repeat(stop, 50, () => runSession(port, ledger, lost)),
        ),
        repeat(stop, 500, scrape),
        repeat(stop, 2000, async () => {
          await manager.tell(['reload', NAME]);
          counts.reloads++;
          await manager.tell(['scale', NAME, String(MOST_WORKERS)]);
          await manager.tell(['scale', NAME, String(FEWEST_WORKERS)]);
          counts.scales += 2;
        }),
      ]);
    await inRounds(seconds, load, async () => void (await settledSamples(metricsPort)));
    const samples = await settledSamples(metricsPort);
    sum.compare(samples);
    return {
      title: `${FEWEST_WORKERS} to ${MOST_WORKERS} workers of PM2`,
      seconds,
      figures: [
        ['client calls', ledger.sent],
        ['client sessions', ledger.sessions],
        ['connections that no worker took', counts.lost],
        ['reloads of all workers', counts.reloads],
        ['changes of the number of workers', counts.scales],
        ['scrapes of the sum', counts.scrapes],
        ['scrapes while no worker served the sum', counts.refused],
      ],
      checks: [
        ...compareCounts(samples, ledger.tally),
        none('broken client sessions', ledger.broken),
        none('sums that decreased between scrapes', sum.fell),
        none('failed scrapes', wrong),
        none('lines on the error output of workers', errorLines(manager)),
      ],
      heap: [],
    };
  } finally {
    await manager.stop();
  }
}

async function start(manager: ProcessManager, port: number, metricsPort: number): Promise<void> {
  const preloaded = ['tsx/cjs', 'thrift-metrics/auto'].map((name) => require.resolve(name));
  const flags = preloaded.map((path) => `--require=${path}`).join(' ');
  const program = join(__dirname, 'programs/managed.ts');
  const options = {
    name: NAME,
    instances: FEWEST_WORKERS,
    interpreter: 'node',
    'kill-timeout': KILL_TIMEOUT_MS,
    'listen-timeout': READY_TIMEOUT_MS,
    'node-args': flags,
  };
  const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, `${value}`]);
  await manager.tell(['start', program, '--wait-ready', ...args], {
    PORT: String(port),
    THRIFT_METRICS_PORT: String(metricsPort),
  });
}

/** Whether the worker that served the sum has ended, before it answered or before another one has taken over. */
function isBetweenWorkers(error: unknown): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'ABORT_ERR'].includes(
    String((error as NodeJS.ErrnoException).code),
  );
}

function errorLines({ home }: ProcessManager): string[] {
  const folder = join(home, 'logs');
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${NAME}-error`))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter((line) => line !== '');
}
