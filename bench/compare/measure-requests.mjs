import { join } from 'node:path';

import { root } from '../../scripts/run.mjs';
import { isQuick, median } from '../measure.mjs';
import { load } from '../raw-rpc.mjs';
import { BARE, CONTENDERS, PYTHONS } from './contenders.mjs';
import { compiledFile, FOLDER } from './install.mjs';
import { startProgram } from './start-program.mjs';

const CONNECTIONS = 32;
const ROUNDS = isQuick ? 1 : 15;
const MILLISECONDS = isQuick ? 300 : 500;

/**
 * Measures, for each contender by its name, which share of a bare server's requests per second remains with a measured
 * handler. All servers take turns; the share is the median of the ratios to the bare server in the same round, or null if a
 * server never answers.
 */
export async function measureRequests() {
  const found = await sharesOf([BARE, ...CONTENDERS], (contender) =>
    startProgram(join(FOLDER, 'programs/server.mjs'), [compiledFile('user-code', contender)]),
  );
  for (const python of PYTHONS) {
    const bare = { ...python, name: `bare ${python.library}`, code: 'bare.py' };
    const shares = await sharesOf([bare, python], ({ server, code, idl }) =>
      startProgram(join(FOLDER, 'programs', server), [
        join(FOLDER, 'user-code', code),
        join(root, idl),
      ]),
    );
    Object.assign(found, shares);
  }
  return found;
}

/** Compares each contender with the first, which is the bare one. */
async function sharesOf(contenders, start) {
  const servers = [];
  for (const contender of contenders) {
    console.error(`  ${contender.name}`);
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
  return Object.fromEntries(
    servers.map(({ contender, rates }) => {
      const share = median(rates.map((rate, i) => rate / bare.rates[i]));
      return [contender.name, { rate: median(rates), share: share === 0 ? null : share }];
    }),
  );
}
