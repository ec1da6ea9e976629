import type { MethodDetail, Overview } from './protocol.js';

/** Milliseconds between two requests, which is also the time between two samples on the server. */
const INTERVAL = 2000;

/** Milliseconds after which a request is given up. */
const TIMEOUT = 8000;

export interface Request {
  /** In seconds. */
  readonly window: number;
  /** Number of the sample that the page is paused at, or null if it is live. */
  readonly until: number | null;
  readonly open: readonly { readonly service: string; readonly method: string }[];
}

export interface Answer {
  readonly overview: Overview;
  readonly details: readonly MethodDetail[];
}

/** Requests figures from the server repeatedly. */
export class Feed {
  private timer = 0;
  private current: AbortController | null = null;
  private hasFailed = false;

  constructor(
    private readonly request: () => Request,
    private readonly show: (answer: Answer) => void,
    private readonly lost: (reason: string) => void,
  ) {
    // A hidden page requests nothing, so it needs fresh figures as soon as it is visible.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.ask();
    });
  }

  /** Requests figures at once, and cancels a request in progress. */
  async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.current?.abort();
    const controller = new AbortController();
    this.current = controller;
    const request = this.request();
    const timeout = setTimeout(() => controller.abort(), TIMEOUT);
    try {
      const answer = await fetchAnswer(request, controller.signal);
      if (this.current !== controller) return;
      this.hasFailed = false;
      this.show(answer);
    } catch (error) {
      if (this.current !== controller) return;
      this.hasFailed = true;
      this.lost(reasonOf(error));
    } finally {
      clearTimeout(timeout);
      if (this.current === controller) this.schedule();
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const isPaused = this.request().until !== null && !this.hasFailed;
      if (document.hidden || isPaused) this.schedule();
      else void this.ask();
    }, INTERVAL);
  }
}

async function fetchAnswer({ window, until, open }: Request, signal: AbortSignal): Promise<Answer> {
  const common = { window: String(window), ...(until !== null && { until: String(until) }) };
  const [overview, ...details] = await Promise.all([
    fetchJson<Overview>('overview.json', common, signal),
    ...open.map((name) => fetchJson<MethodDetail>('method.json', { ...common, ...name }, signal)),
  ]);
  if (overview === null) throw new HttpError(404);
  return { overview, details: details.filter((detail) => detail !== null) };
}

/** Resolves to null on 404, such as for a method that no longer exists. */
async function fetchJson<T>(
  name: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<T | null> {
  const url = new URL(`./-/${name}?${new URLSearchParams(query)}`, document.baseURI);
  const response = await fetch(url, { signal });
  if (response.status === 404) return null;
  if (!response.ok) throw new HttpError(response.status);
  return (await response.json()) as T;
}

class HttpError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof HttpError)) return 'the server does not answer';
  return error.status === 401
    ? 'the server requires a password; reload the page'
    : `the server answered with status ${error.status}`;
}
