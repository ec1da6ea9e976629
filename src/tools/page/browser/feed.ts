import type { MethodName } from './method-key.js';
import type { MethodDetail, Overview, Time, UntilNewerHeader } from './protocol.js';

/** Milliseconds between two requests, unless the server says when it takes the next sample. */
const INTERVAL = 2000;

/** Milliseconds that a sample may take. */
const SAMPLING_TIME = 100;

/** Milliseconds that are always between two requests. */
const SHORTEST_INTERVAL = 500;

const UNTIL_NEWER_HEADER: UntilNewerHeader = 'Thrift-Metrics-Until-Newer';

/** Milliseconds after which a request is given up. */
const TIMEOUT = 8000;

export interface Request {
  readonly minutes: number;
  /** The moment that the page is paused at, or null if it is live. */
  readonly at: Time | null;
  readonly open: readonly MethodName[];
}

export interface Answer {
  /** The window that was requested. */
  readonly minutes: number;
  readonly overview: Overview;
  readonly details: readonly MethodDetail[];
}

/** Requests figures from the server repeatedly. */
export class Feed {
  private timer = 0;
  /** Milliseconds until the next request: figures are shown as soon as they are there, not up to one interval later. */
  private interval = INTERVAL;
  private current: AbortController | null = null;
  private hasFailed = false;
  /** Whether the server wants a token. The feed then waits for the user. */
  private isRefused = false;

  /** @param files address of the folder with the files of the page */
  constructor(
    private readonly files: string,
    private readonly request: () => Request,
    private readonly show: (answer: Answer) => void,
    private readonly lost: (reason: string) => void,
    /** Returns the token that the user has signed in with, or null. */
    private readonly token: () => string | null,
    /** Called when the server wants a token, or another one. */
    private readonly refused: () => void,
  ) {
    // A hidden page requests nothing, so it needs fresh figures as soon as it is visible.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.ask();
    });
  }

  /** Requests figures at once, and cancels a request in progress. */
  async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.isRefused = false;
    this.current?.abort();
    const controller = new AbortController();
    this.current = controller;
    this.interval = INTERVAL;
    const request = this.request();
    const timeout = setTimeout(() => controller.abort(), TIMEOUT);
    try {
      const answer = await this.fetchAnswer(request, controller.signal);
      if (this.current !== controller) return;
      this.hasFailed = false;
      this.show(answer);
    } catch (error) {
      if (this.current !== controller) return;
      this.hasFailed = true;
      this.isRefused = error instanceof HttpError && error.asksForToken;
      if (this.isRefused) this.refused();
      else this.lost(reasonOf(error));
    } finally {
      clearTimeout(timeout);
      if (this.current === controller && !this.isRefused) this.schedule();
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const isPaused = this.request().at !== null && !this.hasFailed;
      if (document.hidden || isPaused) this.schedule();
      else void this.ask();
    }, this.interval);
  }

  private async fetchAnswer({ minutes, at, open }: Request, signal: AbortSignal): Promise<Answer> {
    const common = { window: String(minutes * 60), ...(at !== null && { at: String(at) }) };
    const [overview, ...details] = await Promise.all([
      this.fetchJson<Overview>('overview.json', common, signal),
      ...open.map((name) =>
        this.fetchJson<MethodDetail>('method.json', { ...common, ...name }, signal),
      ),
    ]);
    if (overview === null) throw new HttpError(404, false);
    return { minutes, overview, details: details.filter((detail) => detail !== null) };
  }

  /** Resolves to null on 404, such as for a method that no longer exists. */
  private async fetchJson<T>(
    name: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<T | null> {
    const url = new URL(`${this.files}${name}?${new URLSearchParams(query)}`, document.baseURI);
    const token = this.token();
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(url, { signal, headers });
    this.interval = intervalUntil(response.headers.get(UNTIL_NEWER_HEADER));
    if (response.status === 404) return null;
    if (!response.ok) {
      const challenge = response.headers.get('WWW-Authenticate') ?? '';
      throw new HttpError(response.status, /^bearer/i.test(challenge));
    }
    return (await response.json()) as T;
  }
}

/** @param untilNewer what the server says, or null */
function intervalUntil(untilNewer: string | null): number {
  if (untilNewer === null) return INTERVAL;
  return Math.min(INTERVAL, Math.max(SHORTEST_INTERVAL, Number(untilNewer) + SAMPLING_TIME));
}

class HttpError extends Error {
  constructor(
    readonly status: number,
    /** Whether the server wants a bearer token, or another one. */
    readonly asksForToken: boolean,
  ) {
    super(`status ${status}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof HttpError)) return 'the server does not answer';
  return error.status === 401
    ? 'the server requires a password; reload the page'
    : `the server answered with status ${error.status}`;
}
