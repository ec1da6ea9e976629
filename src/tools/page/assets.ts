import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { PACKAGE_FOLDER } from '../../package-folder';

/** Something to be served. */
export interface Asset {
  readonly contentType: string;
  readonly body: Buffer;
  /** Null for what is another thing each time. */
  readonly etag: string | null;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What the build makes of `browser/`: the same folder, whether this runs from the source or from the build. */
const FOLDER = join(PACKAGE_FOLDER, '../dist/page');
const COMPRESSED = '.br';

let paths: ReadonlyMap<string, string> | null = null;
const read = new Map<string, Asset>();

/** A file that the page loads; null where there is none of that name. Each is read once, when it is first wanted. */
export function readAsset(name: string): Asset | null {
  // Names are looked up, never put together to a path.
  paths ??= findAssets();
  const path = paths.get(name);
  if (path === undefined) return null;
  let asset = read.get(name);
  if (asset === undefined) {
    const extension = name.slice(name.lastIndexOf('.') + 1);
    const content = readFileSync(path);
    asset = createAsset(
      CONTENT_TYPES[extension] as string,
      path.endsWith(COMPRESSED) ? brotliDecompressSync(content) : content,
    );
    read.set(name, asset);
  }
  return asset;
}

export function createAsset(contentType: string, body: Buffer): Asset {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  return { contentType, body, etag };
}

function findAssets(): Map<string, string> {
  if (!existsSync(FOLDER)) {
    throw new Error(
      `the files of the live page are not at ${FOLDER}; a bundler has to leave thrift-metrics out of the bundle`,
    );
  }
  const own = readdirSync(FOLDER).map(
    (name) => [basename(name, COMPRESSED), join(FOLDER, name)] as const,
  );
  const charts = dirname(require.resolve('uplot'));
  return new Map([
    ...own,
    ['uplot.js', join(charts, 'uPlot.esm.js')],
    ['uplot.css', join(charts, 'uPlot.min.css')],
  ]);
}
