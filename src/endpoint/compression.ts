import { finished } from 'node:stream/promises';
import {
  constants,
  createBrotliCompress,
  createGzip,
  type BrotliCompress,
  type Gzip,
} from 'node:zlib';

import type { Sink } from '../scrape/writer';

export type Encoding = 'gzip' | 'br' | 'identity';

/** Smaller answers fit into one packet anyhow. */
export const SMALLEST_COMPRESSED = 1024;

/** Of what comes out, in bytes: with fewer, larger chunks there are fewer turns of the event loop. */
const CHUNK = 64 * 1024;

/**
 * The encoding that an Accept-Encoding header likes best; gzip before brotli, since it takes half the time here. None
 * where it names neither, also where it refuses `identity`: a scraper is better served with that than with an error.
 */
export function negotiateEncoding(accepted: string | undefined): Encoding {
  const qualities = new Map<string, number>();
  for (const part of (accepted ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    if (quality >= 0 && quality <= 1) qualities.set(name, quality);
  }
  const others = qualities.get('*') ?? 0;
  const gzipQuality = qualities.get('gzip') ?? others;
  const brotliQuality = qualities.get('br') ?? others;
  const best = Math.max(gzipQuality, brotliQuality);
  if (best === 0 || best < (qualities.get('identity') ?? 0)) return 'identity';
  return gzipQuality === best ? 'gzip' : 'br';
}

/**
 * Compresses a render while it is written, in a thread of libuv's pool, off the event loop. Fast rather than small: a
 * scrape is read at once.
 */
export class Compressor implements Sink {
  private readonly stream: Gzip | BrotliCompress;
  private readonly compressed: Buffer[] = [];
  private readonly ended: Promise<void>;
  isEmpty = true;

  constructor(encoding: 'gzip' | 'br') {
    this.stream =
      encoding === 'gzip'
        ? createGzip({ level: 1, chunkSize: CHUNK })
        : createBrotliCompress({
            params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
            chunkSize: CHUNK,
          });
    this.stream.on('data', (chunk: Buffer) => this.compressed.push(chunk));
    this.ended = finished(this.stream);
    // Whoever waits for it learns of a fault; nobody does once the render has failed.
    this.ended.catch(() => {});
  }

  write(chunk: Buffer): Promise<void> {
    this.isEmpty = false;
    return new Promise((resolve, reject) => {
      // A stream of zlib that fails does not call back.
      this.ended.catch(reject);
      this.stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The whole, with `rest` as its end. */
  async end(rest: Buffer): Promise<Buffer> {
    this.stream.end(rest);
    await this.ended;
    return Buffer.concat(this.compressed);
  }

  close(): void {
    this.stream.destroy();
  }
}
