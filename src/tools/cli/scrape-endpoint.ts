import http = require('node:http');
import https = require('node:https');

import { CommandError } from './command-line';
import {
  ExpositionError,
  type ExpositionFormat,
  type MetricFamily,
  parseExposition,
} from './exposition';
import { firstLine, printable } from './output';

/** How an endpoint is asked. */
export interface ScrapeOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Whether any certificate will do. */
  readonly insecure: boolean;
  /** Seconds that the whole answer may take. */
  readonly timeout: number;
}

export interface Scraped {
  readonly contentType: string;
  readonly text: string;
}

const ACCEPT: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain;version=0.0.4',
  openmetrics: 'application/openmetrics-text;version=1.0.0',
};

/** Not every endpoint has OpenMetrics; those that have not answer with text. */
const EXPECTED: Readonly<Record<ExpositionFormat, RegExp>> = {
  text: /^text\/plain\b/,
  openmetrics: /^(?:text\/plain|application\/openmetrics-text)\b/,
};

/** More than any endpoint should have; a stream without an end shall not fill the memory. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * The address of an endpoint, from what a user types: `localhost:8000` is `http://localhost:8000/metrics`.
 *
 * @throws {CommandError} when it is no address of HTTP.
 */
export function parseEndpoint(text: string): URL {
  let url: URL;
  try {
    url = new URL(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  } catch (error) {
    throw new CommandError(`${text} is no URL; as in http://localhost:8000/metrics`, {
      cause: error,
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new CommandError(`${text}: http or https is expected, not ${url.protocol.slice(0, -1)}`);
  }
  if (url.pathname === '/') url.pathname = '/metrics';
  return url;
}

/**
 * Asks an endpoint for its metrics in one format.
 *
 * @throws {CommandError} when it cannot be reached, or answers with anything but 200 and metrics in text.
 */
export async function scrape(
  url: URL,
  format: ExpositionFormat,
  options: ScrapeOptions,
): Promise<Scraped> {
  try {
    return await request(url, format, options);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${withoutSecrets(url)} cannot be read: ${reasonOf(error, options)}`, {
      cause: error,
    });
  }
}

/**
 * The metrics of an endpoint, asked for in text 0.0.4.
 *
 * @throws {CommandError} when it cannot be reached, or its answer cannot be read.
 */
export async function scrapeFamilies(url: URL, options: ScrapeOptions): Promise<MetricFamily[]> {
  const { text } = await scrape(url, 'text', options);
  try {
    return parseExposition(text, 'text');
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    throw new CommandError(`${withoutSecrets(url)} is not in text 0.0.4: ${error.message}`, {
      cause: error,
    });
  }
}

function request(url: URL, format: ExpositionFormat, options: ScrapeOptions): Promise<Scraped> {
  const { headers, insecure, timeout } = options;
  return new Promise((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http;
    const signal = AbortSignal.timeout(timeout * 1000);
    module
      .get(
        url,
        {
          // A connection of its own: none that the endpoint closes in between is met half open.
          agent: false,
          headers: { accept: ACCEPT[format], 'user-agent': 'thrift-metrics', ...headers },
          signal,
          ...(insecure && { rejectUnauthorized: false }),
        },
        (response) => {
          const { statusCode = 0, statusMessage = '' } = response;
          const contentType = response.headers['content-type'] ?? '';
          if (statusCode !== 200 || !EXPECTED[format].test(contentType)) {
            response.destroy();
            const found =
              statusCode === 200
                ? `${printable(contentType) || 'no content type'}, not metrics in text`
                : `${statusCode} ${printable(statusMessage)}${redirection(response)}`;
            reject(new CommandError(`${withoutSecrets(url)} answers with ${found.trim()}`));
            return;
          }
          collect(response).then((text) => resolve({ contentType, text }), reject);
        },
      )
      .on('error', reject);
  });
}

async function collect(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function redirection({ headers: { location } }: http.IncomingMessage): string {
  return location === undefined ? '' : ` to ${printable(location)}`;
}

function reasonOf(error: unknown, { timeout }: ScrapeOptions): string {
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || name === 'AbortError') return `no answer within ${timeout} s`;
  // Of a name with several addresses, the message is empty.
  const message = firstLine(error);
  return message === '' ? (code ?? name) : message;
}

/** As it may be printed. */
export function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}
