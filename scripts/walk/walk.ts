import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { environment } from '../../test/consumers/run';
import { root, type Block } from '../../test/docs/markdown';
import { freePorts } from '../../test/support/free-ports';
import { startProgram, type Ended, type Program } from '../../test/support/start-program';
import type { Way } from './ways';

/** Seconds from the empty folder. */
interface Measured {
  readonly scrape: number;
  readonly alert: number;
}

/** The service, its metrics and Prometheus. */
const PORTS = [9091, 8000, 9095];
/** How often a command that only looks is repeated, in milliseconds. */
const LOOK_AGAIN = 200;
const hasThriftCompiler = spawnSync('thrift', ['--version']).status === 0;

/** Executes everything that a way types, in a new folder beside the packed package. */
export async function walk({ toScrape, toAlert }: Way, folder: string): Promise<Measured> {
  mkdirSync(folder);
  const onFreePorts = await freePorts(PORTS);
  const running: Program[] = [];
  const isServing = () => shell(onFreePorts('curl -sf localhost:8000/metrics'), folder).ended;
  const execute = async (block: Block): Promise<void> => {
    const code = onFreePorts(block.code);
    if (block.title !== undefined) writeFileSync(join(folder, block.title), code);
    else if (block.keepsRunning) {
      running.push(shell(code, folder));
      if (code.includes('server.ts')) await untilFound(isServing, running);
    } else if (code.startsWith('curl ')) await untilFound(() => shell(code, folder).ended, running);
    else await runCommands(code, folder);
  };
  const start = performance.now();
  try {
    for (const block of toScrape) await execute(block);
    const scrape = (performance.now() - start) / 1000;
    for (const block of toAlert) await execute(block);
    return { scrape, alert: (performance.now() - start) / 1000 };
  } finally {
    await Promise.all(running.map((program) => program.stop()));
  }
}

const shell = (commands: string, folder: string): Program =>
  startProgram('bash', ['-e', '-c', commands], '', environment, folder);

async function runCommands(commands: string, folder: string): Promise<void> {
  if (commands.startsWith('thrift ') && !hasThriftCompiler) {
    // What the compiler wrote for this IDL.
    const generated = 'test/real/walks/gen-nodejs';
    cpSync(join(root, generated), join(folder, 'gen-nodejs'), { recursive: true });
    return;
  }
  const ended = await shell(commands, folder).ended;
  if (ended.code !== 0) throw new Error(`${commands}: ${JSON.stringify(ended)}`);
}

/** Repeats a command until it succeeds, while everything that was started before keeps running. */
async function untilFound(look: () => Promise<Ended>, running: readonly Program[]): Promise<void> {
  let hasEnded: Ended | undefined;
  for (const { ended } of running) void ended.then((how) => (hasEnded = how));
  while ((await look()).code !== 0) {
    if (hasEnded !== undefined) throw new Error(`a program ended: ${JSON.stringify(hasEnded)}`);
    await setTimeout(LOOK_AGAIN);
  }
}
