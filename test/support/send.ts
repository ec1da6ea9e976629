import http from 'node:http';
import https from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** As received over the wire. */
  readonly body: Buffer;
  readonly text: string;
}

export interface SendOptions extends https.RequestOptions {
  readonly body?: string | Buffer;
}

/** Sends a request unchanged. `fetch` would decompress the answer, add its own headers and reject a body on GET. */
export function send(url: string, { body, ...options }: SendOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    request(url, { agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: whole, text: whole.toString() });
      });
    })
      .on('error', reject)
      .end(body);
  });
}
