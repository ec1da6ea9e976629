import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import {
  constants,
  createBrotliCompress,
  createGzip,
  gzip as gzipCallback,
  type BrotliCompress,
  type Gzip,
} from 'node:zlib';

import type { Sink } from '../scrape/writer';

export type Encoding = 'gzip' | 'br' | 'identity';

/** Bytes from which a response is compressed. A smaller one fits into a single packet anyway. */
export const SMALLEST_COMPRESSED = 1024;

/** Bytes in a chunk of compressed output. Larger chunks need fewer turns of the event loop. */
const CHUNK_BYTES = 64 * 1024;

/** The fastest level of gzip and brotli, because a response is read once. */
const LEVEL = 1;

/** Size of brotli's window as a power of two. The default of 22 takes megabytes for each render. */
const BROTLI_WINDOW_BITS = 18;

/**
 * Returns the encoding that the Accept-Encoding header of a request prefers. Between equals it chooses gzip, which takes half
 * as long as brotli here. If the header accepts neither, it returns `identity`, even if the header refuses that too, because
 * a scraper can do more with it than with an error.
 */
export function negotiateEncoding({ headers }: IncomingMessage): Encoding {
  const qualities = new Map<string, number>();
  for (const part of (headers['accept-encoding'] ?? '').split(',')) {
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

const gzipBody = promisify(gzipCallback);

/** Compresses a body that is in memory as a whole. */
export function gzip(body: Buffer): Promise<Buffer> {
  return gzipBody(body, { level: LEVEL });
}

/** Compresses a render while it is written, in a thread of libuv's pool. */
export class Compressor implements Sink {
  private readonly stream: Gzip | BrotliCompress;
  private readonly ended: Promise<void>;
  /** Whether nothing was written yet. */
  isEmpty = true;

  /** @param receive receives the compressed output in chunks */
  constructor(encoding: 'gzip' | 'br', receive: (compressed: Buffer) => void) {
    this.stream =
      encoding === 'gzip'
        ? createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES })
        : createBrotliCompress({
            params: {
              [constants.BROTLI_PARAM_QUALITY]: LEVEL,
              [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
            },
            chunkSize: CHUNK_BYTES,
          });
    this.stream.on('data', receive);
    this.ended = finished(this.stream);
    // Both `write` and `end` report a failure. This handles one that comes when neither is waiting.
    this.ended.catch(() => {});
  }

  write(chunk: Buffer): Promise<void> {
    this.isEmpty = false;
    return new Promise((resolve, reject) => {
      // A zlib stream that fails does not call back.
      this.ended.catch(reject);
      this.stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Writes the rest. Resolves when all output was received. */
  end(rest: Buffer): Promise<void> {
    this.stream.end(rest);
    return this.ended;
  }

  /** Frees the memory of zlib, whether or not the render is complete. */
  close(): void {
    this.stream.destroy();
  }
}
