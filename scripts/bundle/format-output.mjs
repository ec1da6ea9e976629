import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { format } from 'oxfmt';

import { root } from '../run.mjs';

const FOLDER = join(root, 'dist');
// Tabs take 20 kB less than spaces.
const STYLE = { printWidth: 100, singleQuote: true, useTabs: true };

/** Breaks the long lines of the code and the declarations that were written to dist. */
export async function formatOutput() {
  const files = readdirSync(FOLDER).filter((name) => /\.(?:js|d\.ts)$/.test(name));
  await Promise.all(files.map(formatFile));
}

async function formatFile(name) {
  const file = join(FOLDER, name);
  const { code, errors } = await format(name, readFileSync(file, 'utf8'), STYLE);
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`);
  writeFileSync(file, code);
}
