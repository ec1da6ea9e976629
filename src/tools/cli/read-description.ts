import { request, type RequestOptions } from './http-request';
import { METRICS_SERVER } from './request-failure';
import { describeResponse } from './scrape-endpoint';

/** What an endpoint says about its process, and where it says it. */
export interface Description<Value> {
  readonly url: URL;
  readonly value: Value;
}

/**
 * Asks an endpoint what it says about its process in JSON, at a path below `/-/`. Returns null if it says nothing there.
 *
 * @param endpoint the address of the metrics, or of the server
 * @param parse returns null for an answer that is something else
 * @param parameters added to those of the address
 * @throws {CommandError} if the endpoint does not answer, or refuses the request.
 */
export async function readDescription<Value>(
  endpoint: URL,
  path: `/-/${string}`,
  options: RequestOptions,
  parse: (answer: unknown) => Value | null,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Description<Value> | null> {
  const refusals: unknown[] = [];
  for (const url of addressesOf(endpoint, path)) {
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    let refused = false;
    let answer: unknown;
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next address is only tried if this one says nothing
      const { status, text } = await request(url, options, {
        server: METRICS_SERVER,
        accept: 'application/json',
        refuse: (response) => {
          const { statusCode = 0 } = response;
          refused = statusCode !== 200 && statusCode !== 404;
          return refused ? describeResponse(response) : null;
        },
      });
      answer = status === 200 ? parsed(text) : null;
    } catch (error) {
      if (!refused) throw error;
      // Another address may be that of the endpoint, and this one that of something else.
      refusals.push(error);
      continue;
    }
    const value = parse(answer);
    if (value !== null) return { url, value };
  }
  if (refusals.length > 0) throw refusals[0];
  return null;
}

/**
 * `startMetricsServer` has descriptions beside the metrics, or at its root if the metrics have a path of several parts.
 * `metricsHandler` has them below its own path. The root comes last, because a proxy may have another endpoint there.
 */
function addressesOf(endpoint: URL, path: `/-/${string}`): URL[] {
  const base = endpoint.pathname.replace(/\/+$/, '');
  const beside = base.slice(0, Math.max(0, base.lastIndexOf('/')));
  const paths = base.endsWith(path) ? [base] : [`${beside}${path}`, `${base}${path}`, path];
  return [...new Set(paths)].map((each) => {
    const url = new URL(endpoint);
    url.pathname = each;
    return url;
  });
}

/** Returns null for text that is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
