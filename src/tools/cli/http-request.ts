import http = require('node:http');
import https = require('node:https');

import { CommandError } from './command-line';
import { firstLine, shown } from './output';
import { type ExpectedServer, explainFailure } from './request-failure';

/** How to send the requests of a command. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Whether to accept any certificate. */
  readonly insecure: boolean;
  /** Time limit for the whole response, in seconds. */
  readonly timeout: number;
  /** Ends the request when the time limit of the whole command is over, instead of that of the response. */
  readonly signal?: AbortSignal;
}

export interface RequestDetails {
  readonly server: ExpectedServer;
  /** Value of the Accept header. */
  readonly accept: string;
  /** Describes why a response is not the expected one, and what to do about it. Returns null if it is. */
  readonly refuse: (response: http.IncomingMessage) => string | null;
  /** Fields of a form. With them, the request is a POST. */
  readonly form?: URLSearchParams;
  /** Connections to use. Without one, each request opens a new connection, because an idle one may be closed at any moment. */
  readonly agent?: http.Agent;
}

export interface ReceivedResponse {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * Parses an address as users type it, with or without `http://`.
 *
 * @param what what to pass, for the error message
 * @throws {CommandError} if it is not an HTTP or HTTPS URL.
 */
export function parseAddress(text: string, what: string): URL {
  let url: URL;
  try {
    url = new URL(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  } catch (error) {
    throw new CommandError(`${text} is not a URL. Pass the address of ${what}.`, { cause: error });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const protocol = url.protocol.slice(0, -1);
    throw new CommandError(`${text} uses ${protocol}. Pass an http or https URL.`);
  }
  return url;
}

/**
 * Sends a request and reads the response as text.
 *
 * @throws {CommandError} if the server cannot be reached, or the response is refused.
 */
export async function request(
  url: URL,
  options: RequestOptions,
  details: RequestDetails,
): Promise<ReceivedResponse> {
  try {
    return await send(url, options, details);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = explainFailure(error, url, details.server, options.timeout);
    throw new CommandError(`${withoutSecrets(url)} cannot be read: ${reason}`, { cause: error });
  }
}

function send(
  url: URL,
  { headers, insecure, timeout, signal }: RequestOptions,
  { accept, refuse, form, agent }: RequestDetails,
): Promise<ReceivedResponse> {
  const body = form?.toString();
  return new Promise((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http;
    module
      .request(
        url,
        {
          method: body === undefined ? 'GET' : 'POST',
          agent: agent ?? false,
          headers: {
            accept,
            'user-agent': 'thrift-metrics',
            ...(body !== undefined && {
              'content-type': 'application/x-www-form-urlencoded',
              'content-length': String(Buffer.byteLength(body)),
            }),
            ...headers,
          },
          signal: signal ?? AbortSignal.timeout(timeout * 1000),
          ...(insecure && { rejectUnauthorized: false }),
        },
        (response) => {
          const problem = refuse(response);
          if (problem !== null) {
            const refused = `${withoutSecrets(url)} answers with ${problem}`;
            firstLineOf(response).then(
              (line) =>
                reject(new CommandError(line === '' ? refused : `${refused} It says: ${line}`)),
              reject,
            );
            return;
          }
          const { statusCode: status = 0, headers: received } = response;
          const contentType = received['content-type'] ?? '';
          collect(response, url).then((text) => resolve({ status, contentType, text }), reject);
        },
      )
      .on('error', reject)
      .end(body);
  });
}

/** Longest part of a refused response that is read, in characters. */
const MAX_READ = 1000;

/** Reads the first line of a refused response, which is empty unless an error is explained in plain text. */
async function firstLineOf(response: http.IncomingMessage): Promise<string> {
  const { statusCode = 0, headers } = response;
  let text = '';
  if (statusCode >= 400 && headers['content-type']?.startsWith('text/plain') === true) {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.length >= MAX_READ) break;
    }
  }
  response.destroy();
  return shown(firstLine(text));
}

/** Larger than any sensible response. The limit keeps an endless response from filling the memory. */
const MAX_BYTES = 128 * 2 ** 20;

/** @throws {CommandError} if the response is too long. */
async function collect(response: http.IncomingMessage, url: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new CommandError(
        `${withoutSecrets(url)} answers with more than ${MAX_BYTES} bytes, which are not read. Check the URL, or reduce the series.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The URL without the user and password, for output. */
export function withoutSecrets(url: URL): string {
  const cleaned = new URL(url);
  cleaned.username = '';
  cleaned.password = '';
  return cleaned.href;
}
