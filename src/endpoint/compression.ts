import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Encoding = 'gzip' | 'br' | 'identity';

/** Smaller answers fit into one packet anyhow. */
export const SMALLEST_COMPRESSED = 1024;

/** The encoding that an Accept-Encoding header likes best; gzip before brotli, since it takes half the time here. */
export function negotiateEncoding(accepted: string | undefined): Encoding {
  let best: Encoding = 'identity';
  let quality = 0;
  for (const part of (accepted ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    const q = given === undefined ? 1 : Number(given.slice(2));
    const encoding = name === '*' ? 'gzip' : name;
    if (encoding !== 'gzip' && encoding !== 'br') continue;
    if (q > quality || (q === quality && encoding === 'gzip')) {
      best = q > 0 ? encoding : best;
      quality = Math.max(q, quality);
    }
  }
  return best;
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
