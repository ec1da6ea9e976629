const PREFIX = 'thrift-metrics.';

/** Reads the token that the user has signed in with in this tab, or null. */
export function storedToken(): string | null {
  try {
    return sessionStorage.getItem(`${PREFIX}token`);
  } catch {
    return null;
  }
}

/**
 * Keeps the token for this tab, so that reloading the page does not ask again. Other tabs, other ports of the same host, and
 * later sessions of the browser do not see it.
 */
export function storeToken(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(`${PREFIX}token`);
    else sessionStorage.setItem(`${PREFIX}token`, token);
  } catch {
    // The page works without it, until it is reloaded.
  }
}

/** Reads what was remembered under a name, or null. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Remembers a text. Without access to the storage of the browser, it lasts until the page is closed. */
export function remember(name: string, text: string): void {
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    // The page works without it.
  }
}
