import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { compiled, CONTENDERS } from './contenders.mjs';
import { freePort } from './free-port.mjs';
import { FOLDER } from './install.mjs';

/** Finds out, for each contender, which features its endpoint has. */
export async function measureFeatures() {
  const found = new Map();
  for (const contender of CONTENDERS) {
    const env = { ...process.env, METRICS_PORT: String(await freePort()), NODE_ENV: 'production' };
    const program = join(FOLDER, 'programs/features.mjs');
    const args = [program, join(FOLDER, compiled('user-code', contender))];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    found.set(contender, JSON.parse(stdout.trim().split('\n').at(-1)));
  }
  return found;
}
