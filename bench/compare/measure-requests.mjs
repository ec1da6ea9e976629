import { join } from 'node:path';

import { root } from '../../scripts/run.mjs';
import { median } from '../measure.mjs';
import { load } from '../raw-rpc.mjs';
import { compiled, CONTENDERS, PYTHON } from './contenders.mjs';
import { FOLDER } from './install.mjs';
import { startProgram } from './start-program.mjs';

const CONNECTIONS = 32;
const ROUNDS = 15;
const MILLISECONDS = 500;
const IDL = join(root, 'examples/calculator/calculator.thrift');

/**
 * Measures, for each contender, which share of a bare server's requests per second remains with a measured handler. All
 * servers take turns; the share is the median of the ratios to the bare server in the same round, or null if a server never
 * answers.
 */
export async function measureRequests() {
  const node = await sharesOf([{ package: 'bare' }, ...CONTENDERS], (contender) =>
    startProgram(join(FOLDER, 'programs/server.mjs'), [
      join(FOLDER, compiled('user-code', contender)),
    ]),
  );
  const python = await sharesOf([{ code: 'bare.py' }, PYTHON], ({ code }) =>
    startProgram(join(FOLDER, 'programs/server.py'), [join(FOLDER, 'user-code', code), IDL]),
  );
  return new Map([...node, ...python]);
}

/** Compares each contender with the first, which is the bare one. */
async function sharesOf(contenders, start) {
  const servers = [];
  for (const contender of contenders) {
    console.error(`requests: ${contender.name ?? 'bare'}`);
    servers.push({ contender, program: await start(contender), rates: [] });
  }
  const [bare] = servers;
  for (let round = -2; round < ROUNDS; round++) {
    // Alternate the order, so that no server is always the first or the last.
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const answered = await load(server.program.ready, CONNECTIONS, MILLISECONDS);
      // The first rounds warm up the compiler.
      if (round >= 0) server.rates.push((answered / MILLISECONDS) * 1000);
    }
  }
  await Promise.all(servers.map(({ program }) => program.stop()));
  return servers.map(({ contender, rates }) => {
    const share = median(rates.map((rate, i) => rate / bare.rates[i]));
    return [contender, { rate: median(rates), share: share === 0 ? null : share }];
  });
}
