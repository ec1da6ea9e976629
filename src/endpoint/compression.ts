import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Encoding = 'gzip' | 'br' | 'identity';

/** Smaller answers fit into one packet anyhow. */
export const SMALLEST_COMPRESSED = 1024;

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

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

/** Compresses in a thread of libuv's pool, off the event loop. Fast rather than small: a scrape is read at once. */
export async function compress(body: Buffer, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case 'gzip':
      return gzipAsync(body, { level: 1 });
    case 'br':
      return brotliAsync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    default:
      return body;
  }
}
