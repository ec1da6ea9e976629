// Measures requests per second of a whole server and of a whole client: bare, instrumented, and with prom-client by hand.
// Each has its own process. They take turns, and the result is the median of the ratios within a round.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { isQuick, median, report } from '../measure.mjs';
import { load, serve } from '../raw-rpc.mjs';

const KINDS = ['bare', 'instrumented', 'byHand'];
// The bare server without stack traces: it has most of what instrumentation saves, and nothing of what it costs.
const UNTRACED = 'untraced';
const CONNECTIONS = 32;
const ROUNDS = isQuick ? 1 : 25;
const MILLISECONDS = isQuick ? 300 : 500;

const programs = [];

async function start(name, args, execArgv = []) {
  const program = fork(fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url)), args, {
    execArgv,
  });
  programs.push(program);
  // Without this, a program that exits silently would block the benchmark forever.
  program.once('exit', (code) => code === null || process.exit(1));
  const [ready] = await once(program, 'message');
  return { program, ready };
}

/** Measures the share of each kind in the rate of the bare one of the same round (median), and the rate of the bare one. */
async function compare(kinds, measure) {
  const rates = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (let round = -2; round < ROUNDS; round++) {
    // Alternate the order, so that no kind is always the first or the last.
    const order = round % 2 === 0 ? kinds : kinds.toReversed();
    for (const kind of order) {
      const rate = ((await measure(kind)) / MILLISECONDS) * 1000;
      // The first rounds warm up the compiler.
      if (round >= 0) rates[kind].push(rate);
    }
  }
  const share = (kind) => median(rates[kind].map((rate, i) => rate / rates.bare[i]));
  const shares = Object.fromEntries(kinds.map((kind) => [kind, share(kind)]));
  return { ...shares, rate: median(rates.bare) };
}

const servers = {};
for (const kind of KINDS) servers[kind] = await start('rpc-server', [kind]);
servers[UNTRACED] = await start('rpc-server', ['bare'], ['--stack-trace-limit=0']);
const server = await compare([...KINDS, UNTRACED], (kind) =>
  load(servers[kind].ready, CONNECTIONS, MILLISECONDS),
);

const { server: peer, port } = await serve();
const clients = {};
for (const kind of KINDS) clients[kind] = await start('rpc-client', [kind, String(port)]);
const client = await compare(KINDS, async (kind) => {
  const { program } = clients[kind];
  program.send(MILLISECONDS);
  const [answered] = await once(program, 'message');
  return answered;
});

for (const program of programs) program.kill();
peer.close();
peer.closeAllConnections?.();
report({ server, client });
process.exit();
