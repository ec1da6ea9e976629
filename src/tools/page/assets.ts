import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { PACKAGE_FOLDER } from '../../package-folder';

/** The content of a response of the page. */
export interface Asset {
  /** Files and the document contain no figures of the process. */
  readonly kind: 'document' | 'file' | 'figures';
  readonly contentType: string;
  readonly body: Buffer;
  /** Null if the content changes with every response. */
  readonly etag: string | null;
  /** Returns the milliseconds until there are newer figures. Only figures have it. */
  readonly untilNewer?: () => number;
  /** The compressed body, once a reader has requested it. */
  gzipped?: Promise<Buffer>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

const COMPRESSED = '.br';

/** Every file of the page. */
const NAMES = [
  'main.js',
  'shared.js',
  'profile.js',
  'page.css',
  'icon.svg',
  'icon-trouble.svg',
  'icon-lost.svg',
  'uplot.js',
  'uplot.css',
] as const;
const NOTHING: ReadonlyMap<string, string> = new Map();

/** The files that the page loads. Each is read and cached when it is first requested. */
export class PageAssets {
  private readonly paths = findAssets();
  private readonly files = new Map<string, Asset>();

  /** False in a bundled program, which has the code of this package but not the files beside it. */
  get exist(): boolean {
    return this.paths.size > 0;
  }

  /** Returns null if there is no file with this name. */
  read(name: string): Asset | null {
    // A name is looked up and never joined to a path, so that it cannot escape the folder.
    const path = this.paths.get(name);
    if (path === undefined) return null;
    let asset = this.files.get(name);
    if (asset === undefined) {
      const extension = name.slice(name.lastIndexOf('.') + 1);
      const content = readFileSync(path);
      asset = createAsset(
        'file',
        CONTENT_TYPES[extension] as string,
        path.endsWith(COMPRESSED) ? brotliDecompressSync(content) : content,
      );
      this.files.set(name, asset);
    }
    return asset;
  }
}

/** Creates an asset whose ETag identifies its content. */
export function createAsset(kind: 'document' | 'file', contentType: string, body: Buffer): Asset {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  return { kind, contentType, body, etag };
}

/** Finds the build of `browser/` and the chart library, or nothing. */
function findAssets(): ReadonlyMap<string, string> {
  try {
    // The path is the same from `src` and from `dist`.
    const folder = join(PACKAGE_FOLDER ?? '', '../dist/page');
    const built = readdirSync(folder).map(
      (name) => [basename(name, COMPRESSED), join(folder, name)] as const,
    );
    const charts = dirname(require.resolve('uplot'));
    const paths = new Map([
      ...built,
      ['uplot.js', join(charts, 'uPlot.esm.js')],
      ['uplot.css', join(charts, 'uPlot.min.css')],
    ]);
    // The folder of a bundle may contain a folder of the program with the same name.
    const isComplete = NAMES.every((name) => existsSync(paths.get(name) ?? ''));
    return PACKAGE_FOLDER !== null && isComplete ? paths : NOTHING;
  } catch {
    return NOTHING;
  }
}
