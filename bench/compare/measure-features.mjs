import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { CONTENDERS } from './contenders.mjs';
import { freePort } from './free-port.mjs';
import { compiledFile, FOLDER } from './install.mjs';

/** Finds out, for each contender by its name, which features its endpoint has. */
export async function measureFeatures() {
  const found = {};
  for (const contender of CONTENDERS) {
    const env = { ...process.env, METRICS_PORT: String(await freePort()), NODE_ENV: 'production' };
    const args = [join(FOLDER, 'programs/features.mjs'), compiledFile('user-code', contender)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    found[contender.name] = JSON.parse(stdout.trim().split('\n').at(-1));
  }
  return found;
}
