import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll } from 'vitest';

import { TIMEOUT } from './consumer';
import { npm } from './run';

const here = (path: string) => join(__dirname, path);

interface Packed {
  readonly tarball: string;
  readonly files: readonly string[];
  /** Bytes of each file when it is unpacked. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Packs the existing build, because `prepack` would rebuild dist while other tests use it. */
async function pack(into: string): Promise<Packed> {
  if (!existsSync(here('../../dist/index.js'))) {
    throw new Error('These tests pack the built package: npm run build');
  }
  const output = await npm(
    ['pack', '--json', '--ignore-scripts', '--pack-destination', into],
    here('../..'),
  );
  const [packed] = JSON.parse(output) as {
    filename: string;
    files: { path: string; size: number }[];
  }[];
  if (packed === undefined) throw new Error(`npm pack said ${output}`);
  return {
    tarball: join(into, packed.filename),
    files: packed.files.map(({ path }) => path),
    sizes: new Map(packed.files.map(({ path, size }) => [path, size])),
  };
}

/**
 * Copies the project out of the repository, and installs its dependencies and the tarball. `others` replace dependencies
 * of the project.
 */
async function install(
  name: string,
  { tarball }: Packed,
  others: readonly string[],
): Promise<string> {
  const folder = join(dirname(tarball), [name, ...others].join('-with-'));
  await cp(here(`./projects/${name}`), folder, { recursive: true });
  await npm(['install', tarball, ...others], folder);
  return folder;
}

/** The package, packed before the tests of a file and deleted after them. */
interface PackedPackage {
  readonly packed: Packed;
  /** Outside the repository, so that no import resolves to its node_modules. */
  readonly folder: string;
  install(project: string, others?: readonly string[]): Promise<string>;
}

export function packedPackage(): PackedPackage {
  let folder = '';
  let packed: Packed;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'thrift-metrics-consumers-'));
    packed = await pack(folder);
  }, TIMEOUT);
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    get packed() {
      return packed;
    },
    get folder() {
      return folder;
    },
    install: (project, others = []) => install(project, packed, others),
  };
}
