import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { PACKAGE_FOLDER } from '../../package-folder';

/** The content of a response of the page. */
export interface Asset {
  readonly contentType: string;
  readonly body: Buffer;
  /** Null if the content changes with every response. */
  readonly etag: string | null;
  /** The compressed body, once a reader has requested it. */
  gzipped?: Promise<Buffer>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The build of `browser/`. The path is the same from `src` and from `dist`. */
const FOLDER = join(PACKAGE_FOLDER, '../dist/page');
const COMPRESSED = '.br';

/** The files that the page loads. Each is read and cached when it is first requested. */
export class PageAssets {
  private paths: ReadonlyMap<string, string> | null = null;
  private readonly files = new Map<string, Asset>();

  /** Returns null if there is no file with this name. */
  read(name: string): Asset | null {
    // A name is looked up and never joined to a path, so that it cannot escape the folder.
    this.paths ??= findAssets();
    const path = this.paths.get(name);
    if (path === undefined) return null;
    let asset = this.files.get(name);
    if (asset === undefined) {
      const extension = name.slice(name.lastIndexOf('.') + 1);
      const content = readFileSync(path);
      asset = createAsset(
        CONTENT_TYPES[extension] as string,
        path.endsWith(COMPRESSED) ? brotliDecompressSync(content) : content,
      );
      this.files.set(name, asset);
    }
    return asset;
  }
}

/** Creates an asset whose ETag identifies its content. */
export function createAsset(contentType: string, body: Buffer): Asset {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  return { contentType, body, etag };
}

function findAssets(): Map<string, string> {
  if (!existsSync(FOLDER)) {
    throw new Error(
      `The files of the live page are not in ${FOLDER}. If the program is bundled, configure the bundler to leave thrift-metrics external.`,
    );
  }
  const built = readdirSync(FOLDER).map(
    (name) => [basename(name, COMPRESSED), join(FOLDER, name)] as const,
  );
  const charts = dirname(require.resolve('uplot'));
  return new Map([
    ...built,
    ['uplot.js', join(charts, 'uPlot.esm.js')],
    ['uplot.css', join(charts, 'uPlot.min.css')],
  ]);
}
