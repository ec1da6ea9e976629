import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';

/** The default `scrape_timeout` of Prometheus. */
const LIMIT_MS = 10_000;

export interface Got {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

const DECODERS: Record<string, (body: Buffer) => Promise<Buffer>> = {
  identity: async (body) => body,
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
};

/**
 * Sends a GET request on a new connection and decodes the body. Like Prometheus, it gives up after ten seconds: the primary of a
 * cluster never closes a connection that it has given to a worker that ended before it took it.
 */
export async function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<Got> {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const options = { host: '127.0.0.1', port, path, headers, agent: false, signal } as const;
    request(options, resolve).on('error', reject).end();
  });
  const encoding = response.headers['content-encoding'] ?? 'identity';
  const decode = DECODERS[encoding];
  if (decode === undefined) throw new Error(`${path} has the unexpected encoding ${encoding}`);
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: await decode(await buffer(response)),
  };
}
