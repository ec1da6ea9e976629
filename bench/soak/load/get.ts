import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';

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

/** Sends a GET request on a new connection and decodes the body. */
export async function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<Got> {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers, agent: false } as const;
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
