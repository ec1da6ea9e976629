import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { outputOf } from './run';

const here = (path: string) => join(__dirname, path);

export interface Packed {
  readonly tarball: string;
  readonly files: readonly string[];
  /** Bytes of all files. */
  readonly unpackedSize: number;
}

/** Packs what is built already: `prepack` would rebuild dist under the feet of the other tests. */
export async function pack(into: string): Promise<Packed> {
  const output = await outputOf(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', into],
    here('../..'),
  );
  const [packed] = JSON.parse(output) as {
    filename: string;
    files: { path: string }[];
    unpackedSize: number;
  }[];
  if (packed === undefined) throw new Error(`npm pack said ${output}`);
  return {
    tarball: join(into, packed.filename),
    files: packed.files.map(({ path }) => path),
    unpackedSize: packed.unpackedSize,
  };
}

/**
 * A copy of the project outside the repository, with its dependencies and the tarball installed; and, where there are any,
 * with `others` in place of what the project asks for.
 */
export async function install(
  name: string,
  { tarball }: Packed,
  others: readonly string[] = [],
): Promise<string> {
  const folder = join(dirname(tarball), [name, ...others].join('-with-'));
  await cp(here(`./projects/${name}`), folder, { recursive: true });
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await outputOf('npm', ['install', ...quietly, tarball, ...others], folder);
  return folder;
}

/** A folder outside the repository: nothing of its node_modules must be found by walking up. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'thrift-metrics-consumers-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
