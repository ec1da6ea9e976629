import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { transform } from 'esbuild';

import { extractPackages } from '../../scripts/debian-packages.mjs';
import { installSdk, sdkFolder } from '../../scripts/opentelemetry-sdks.mjs';
import { npm, root } from '../../scripts/run.mjs';
import { BARE, CONTENDERS } from './contenders.mjs';

const HERE = join(root, 'bench/compare');

/** Folder where the alternatives are installed, next to the compiled programs that import them. */
export const FOLDER = join(root, 'build/compare');

const PYTHON_FOLDER = join(root, 'build/compare-python');

/** Where Python finds the newest `prometheus_client` that Debian has. The one of the system is older. */
export const PYTHONPATH = join(PYTHON_FOLDER, 'usr/lib/python3/dist-packages');

/** Folder where the packages of a contender are installed. */
export const folderOf = ({ sdk }) => (sdk === undefined ? FOLDER : sdkFolder(sdk));

/** Path of a contender's compiled code, `user-code` or `series`. */
export function compiledFile(kind, contender) {
  const name = contender.package.replace('@', '').replace('/', '-');
  return join(folderOf(contender), kind, `${name}.mjs`);
}

/** Installs the alternatives, which only this benchmark needs, in the versions of the lockfile. */
export async function install() {
  mkdirSync(FOLDER, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(HERE, file), join(FOLDER, file));
  }
  await npm(['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--loglevel=error']);
  symlinkSync(root, join(FOLDER, 'node_modules/thrift-metrics'), 'dir');
  for (const { sdk } of CONTENDERS) if (sdk !== undefined) await installSdk(sdk);
  for (const kind of ['user-code', 'series']) {
    for (const contender of CONTENDERS) await compile(kind, contender);
  }
  await compile('user-code', BARE);
  for (const kind of ['programs', 'user-code', 'series']) {
    mkdirSync(join(FOLDER, kind), { recursive: true });
    for (const file of readdirSync(join(HERE, kind)).filter((name) => !name.endsWith('.ts'))) {
      cpSync(join(HERE, kind, file), join(FOLDER, kind, file));
    }
  }
  if (!existsSync(PYTHONPATH)) {
    extractPackages(['forky', 'sid'], ['python3-prometheus-client'], PYTHON_FOLDER);
  }
}

async function compile(kind, contender) {
  const source = readFileSync(join(HERE, kind, contender.code), 'utf8');
  const { instead, package: name } = contender;
  const code = instead === undefined ? source : source.replaceAll(`'${instead}'`, `'${name}'`);
  const output = await transform(code, { loader: 'ts', target: 'es2022', tsconfigRaw: {} });
  const file = compiledFile(kind, contender);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, output.code);
}
