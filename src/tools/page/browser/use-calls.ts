import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

import type { CallsDocument } from './calls-protocol.js';

/** Milliseconds between two requests, so that a call that hangs is seen within a second. */
const INTERVAL = 1000;

/** Milliseconds after which a request is given up. */
const TIMEOUT = 5000;

/** Where the page finds calls. */
export interface CallsSource {
  /** Address of the folder with the files of the page. */
  readonly files: string;
  /** The token that the user has signed in with, or null. */
  readonly token: () => string | null;
  readonly isPaused: boolean;
}

export const CallsOf = createContext<CallsSource>({
  files: './-/',
  token: () => null,
  isPaused: false,
});

/**
 * Returns what the server answers to a query for calls, again each second while the page is visible and not paused. Null until
 * the first answer.
 */
export function useCalls(query: string): CallsDocument | null {
  const { files, token, isPaused } = useContext(CallsOf);
  const [calls, setCalls] = useState<CallsDocument | null>(null);
  useEffect(() => {
    if (isPaused) return undefined;
    const ended = new AbortController();
    let timer = 0;
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        const answer = await fetchCalls(`${files}calls${query}`, token(), ended.signal);
        if (ended.signal.aborted) return;
        // The last answer stays while the connection is lost, which the page says elsewhere.
        if (answer !== null) setCalls(answer);
      }
      timer = setTimeout(() => void ask(), INTERVAL);
    };
    void ask();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [files, query, isPaused]);
  return calls;
}

async function fetchCalls(
  path: string,
  token: string | null,
  ended: AbortSignal,
): Promise<CallsDocument | null> {
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
  try {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(TIMEOUT)]);
    const response = await fetch(new URL(path, document.baseURI), { headers, signal });
    return response.ok ? ((await response.json()) as CallsDocument) : null;
  } catch {
    return null;
  }
}
