import type { IncomingMessage } from 'node:http';

import type { ExpositionFormat } from './exposition';
import { parseAddress, request, type RequestOptions } from './http-request';
import { printable } from './output';
import { METRICS_SERVER } from './request-failure';

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

/**
 * Parses the address of an endpoint as users type it: `localhost:8000` stands for `http://localhost:8000/metrics`.
 *
 * @throws {CommandError} if it is not an HTTP or HTTPS URL.
 */
export function parseEndpoint(text: string): URL {
  const url = parseAddress(text, 'an endpoint, such as http://localhost:8000/metrics');
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
  options: RequestOptions,
): Promise<Scraped> {
  const { contentType, text } = await request(url, options, {
    server: METRICS_SERVER,
    accept: ACCEPT[format],
    refuse: (response) =>
      response.statusCode === 200 && EXPECTED[format].test(response.headers['content-type'] ?? '')
        ? null
        : describeResponse(response),
  });
  return { contentType, text };
}

/** Describes a response that is not metrics, and what to do about it. */
function describeResponse(response: IncomingMessage): string {
  const { statusCode = 0, statusMessage = '', headers } = response;
  if (statusCode === 200) {
    const contentType = printable(headers['content-type'] ?? '') || 'no content type';
    return `${contentType}, not metrics in text. Check the path: the metrics are at /metrics by default.`;
  }
  const status = `${statusCode} ${printable(statusMessage)}`.trim();
  if (headers.location !== undefined) {
    return `${status} to ${printable(headers.location)}. Pass that URL.`;
  }
  return statusCode === 401 || statusCode === 403
    ? `${status}. Pass credentials, as in --header 'Authorization: Bearer <token>'.`
    : `${status}. Check the path: the metrics are at /metrics by default.`;
}
