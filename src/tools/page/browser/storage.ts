const PREFIX = 'thrift-metrics.';

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
