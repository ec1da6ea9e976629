import type { MethodDetail, Overview } from './protocol.js';

/** How often figures are asked for, in milliseconds: as often as the server reads them. */
const INTERVAL = 2000;

/** An answer is not waited for any longer, in milliseconds. */
const PATIENCE = 8000;

export interface Request {
  /** Seconds. */
  readonly window: number;
  /** The sample at which the time stands still; null while it does not. */
  readonly until: number | null;
  readonly open: readonly { readonly service: string; readonly method: string }[];
}

export interface Answer {
  readonly overview: Overview;
  readonly details: readonly MethodDetail[];
}

/** Asks the server for figures, again and again. */
export class Feed {
  private timer = 0;
  private current: AbortController | null = null;
  private hasFailed = false;

  constructor(
    private readonly request: () => Request,
    private readonly show: (answer: Answer) => void,
    private readonly lost: (reason: string) => void,
  ) {
    // Nobody looks at a hidden page, and the first look is to be at fresh figures.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.ask();
    });
  }

  /** Asks at once, in place of what is being asked. */
  async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.current?.abort();
    const controller = new AbortController();
    this.current = controller;
    const request = this.request();
    const patience = setTimeout(() => controller.abort(), PATIENCE);
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
      clearTimeout(patience);
      if (this.current === controller) this.schedule();
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const isStill = this.request().until !== null && !this.hasFailed;
      if (document.hidden || isStill) this.schedule();
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

/** Null for what is not there, such as a method that has gone. */
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
    ? 'the server wants a password; load the page anew'
    : `the server answers with status ${error.status}`;
}
