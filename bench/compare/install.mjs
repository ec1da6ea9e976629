import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { transform } from 'esbuild';

import { npm, root } from '../../scripts/run.mjs';
import { compiled, CONTENDERS } from './contenders.mjs';

const HERE = join(root, 'bench/compare');

/** Folder where the alternatives are installed, next to the compiled programs that import them. */
export const FOLDER = join(root, 'build/compare');

/** Installs the alternatives, which only this benchmark needs, in the versions of the lockfile. */
export async function install() {
  mkdirSync(FOLDER, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(HERE, file), join(FOLDER, file));
  }
  await npm(['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--loglevel=error']);
  symlinkSync(root, join(FOLDER, 'node_modules/thrift-metrics'), 'dir');
  for (const folder of ['user-code', 'series']) {
    mkdirSync(join(FOLDER, folder), { recursive: true });
    for (const contender of CONTENDERS) await compile(folder, contender.code, contender);
  }
  await compile('user-code', 'bare.ts', { package: 'bare' });
  for (const folder of ['programs', 'user-code', 'series']) {
    for (const file of readdirSync(join(HERE, folder)).filter((name) => !name.endsWith('.ts'))) {
      cpSync(join(HERE, folder, file), join(FOLDER, folder, file));
    }
  }
}

async function compile(folder, file, contender) {
  const source = readFileSync(join(HERE, folder, file), 'utf8');
  const { instead, package: name } = contender;
  const code = instead === undefined ? source : source.replaceAll(`'${instead}'`, `'${name}'`);
  const output = await transform(code, { loader: 'ts', target: 'es2022', tsconfigRaw: {} });
  writeFileSync(join(FOLDER, compiled(folder, contender)), output.code);
}
