import http = require('node:http');
import https = require('node:https');

import { CommandError } from './command-line';
import type { ExpositionFormat } from './exposition';
import { firstLine, printable } from './output';

/** How to scrape an endpoint. */
export interface ScrapeOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Whether to accept any certificate. */
  readonly insecure: boolean;
  /** Time limit for the whole response, in seconds. */
  readonly timeout: number;
  /** Ends the request when the time limit of the whole command is over, instead of that of the response. */
  readonly signal?: AbortSignal;
}

export interface Scraped {
  readonly contentType: string;
  readonly text: string;
}

const ACCEPT: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain;version=0.0.4',
  openmetrics: 'application/openmetrics-text;version=1.0.0',
};

/** Accepted content types. An endpoint that does not support OpenMetrics answers with text. */
const EXPECTED: Readonly<Record<ExpositionFormat, RegExp>> = {
  text: /^text\/plain\b/,
  openmetrics: /^(?:text\/plain|application\/openmetrics-text)\b/,
};

/** Larger than any sensible response. The limit keeps an endless response from filling the memory. */
const MAX_BYTES = 128 * 2 ** 20;

/**
 * Parses the address of an endpoint as users type it: `localhost:8000` stands for `http://localhost:8000/metrics`.
 *
 * @throws {CommandError} if it is not an HTTP or HTTPS URL.
 */
export function parseEndpoint(text: string): URL {
  let url: URL;
  try {
    url = new URL(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  } catch (error) {
    throw new CommandError(
      `${text} is not a URL. Pass the address of an endpoint, such as http://localhost:8000/metrics.`,
      { cause: error },
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const protocol = url.protocol.slice(0, -1);
    throw new CommandError(`${text} uses ${protocol}. Pass an http or https URL.`);
  }
  if (url.pathname === '/') url.pathname = '/metrics';
  return url;
}

/**
 * Requests the metrics of an endpoint in one format.
 *
 * @throws {CommandError} if the endpoint cannot be reached, or answers with anything but 200 and metrics in text.
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

function request(url: URL, format: ExpositionFormat, options: ScrapeOptions): Promise<Scraped> {
  const { headers, insecure, timeout } = options;
  return new Promise((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http;
    const signal = options.signal ?? AbortSignal.timeout(timeout * 1000);
    module
      .get(
        url,
        {
          // Opens a new connection each time, because the endpoint may close an idle one at any moment.
          agent: false,
          headers: { accept: ACCEPT[format], 'user-agent': 'thrift-metrics', ...headers },
          signal,
          ...(insecure && { rejectUnauthorized: false }),
        },
        (response) => {
          const contentType = response.headers['content-type'] ?? '';
          if (response.statusCode !== 200 || !EXPECTED[format].test(contentType)) {
            response.destroy();
            const problem = describeResponse(response);
            reject(new CommandError(`${withoutSecrets(url)} answers with ${problem}`));
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
    if (size > MAX_BYTES) throw new Error(`the response is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Describes a response that is not metrics, and what to do about it. */
function describeResponse(response: http.IncomingMessage): string {
  const { statusCode = 0, statusMessage = '', headers } = response;
  if (statusCode === 200) {
    const contentType = printable(headers['content-type'] ?? '') || 'no content type';
    return `${contentType}, not metrics in text. Check the path of the URL.`;
  }
  const status = `${statusCode} ${printable(statusMessage)}`.trim();
  if (headers.location !== undefined) {
    return `${status} to ${printable(headers.location)}. Pass that URL.`;
  }
  return statusCode === 401 || statusCode === 403
    ? `${status}. Pass credentials with --header.`
    : `${status}. Check the URL and the endpoint.`;
}

/** The error codes for a certificate that Node.js does not accept. */
const CERTIFICATE_ERRORS = /CERT_|(?:SELF_SIGNED|ISSUER)_CERT|UNABLE_TO_VERIFY/;

/** Explains why a request failed, and what to do about it. */
function reasonOf(error: unknown, { timeout }: ScrapeOptions): string {
  const { name, code = '' } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || name === 'AbortError') {
    return `no answer within ${timeout} s. Check the endpoint, or raise --timeout.`;
  }
  // The message is empty if a host name has several addresses.
  const message = firstLine(error) || code || name;
  return CERTIFICATE_ERRORS.test(code)
    ? `${message}. Pass --insecure to accept any certificate.`
    : `${message}. Check the URL, and that the endpoint is running.`;
}

/** The URL without the user and password, for output. */
export function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}
