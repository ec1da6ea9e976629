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
 * For each contender the share of a bare server's requests per second that is left when the handler is measured: the median
 * of the ratios of neighbours in rounds in which all take turns; null where a server answers nothing.
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

/** The first is the bare one. */
async function sharesOf(contenders, start) {
  const servers = [];
  for (const contender of contenders) {
    console.error(`requests: ${contender.name ?? 'bare'}`);
    servers.push({ contender, program: await start(contender), rates: [] });
  }
  const [bare] = servers;
  for (let round = -2; round < ROUNDS; round++) {
    // Nobody is always the first or the last.
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const answered = await load(server.program.ready, CONNECTIONS, MILLISECONDS);
      // The first rounds are for the compiler.
      if (round >= 0) server.rates.push((answered / MILLISECONDS) * 1000);
    }
  }
  await Promise.all(servers.map(({ program }) => program.stop()));
  return servers.map(({ contender, rates }) => {
    const share = median(rates.map((rate, i) => rate / bare.rates[i]));
    return [contender, { rate: median(rates), share: share === 0 ? null : share }];
  });
}
