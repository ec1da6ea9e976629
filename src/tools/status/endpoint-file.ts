import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A process that is killed leaves its file behind. `doctor` therefore asks the endpoint for its process id, and the next
// process with this id replaces the file.

/** The file in which a process names its endpoints, so that `doctor` finds them by the id of the process. */
export function endpointFile(pid: number, folder: string = tmpdir()): string {
  return join(folder, `thrift-metrics-${pid}.json`);
}

/** Writes the file of this process. Does nothing if the temporary directory cannot be written, as in some containers. */
export function writeEndpointFile(urls: readonly string[]): void {
  removeEndpointFile();
  try {
    // With `wx`, a link that another user has put there is not followed.
    writeFileSync(endpointFile(process.pid), JSON.stringify({ pid: process.pid, urls }), {
      flag: 'wx',
      mode: 0o600,
    });
  } catch {
    // `doctor` then needs the URL.
  }
}

export function removeEndpointFile(): void {
  try {
    rmSync(endpointFile(process.pid), { force: true });
  } catch {
    // A file of another user stays.
  }
}

/** Reads the URLs that a process has written. Returns null if there are none. */
export function readEndpointFile(pid: number, folder?: string): string[] | null {
  try {
    const { urls } = JSON.parse(readFileSync(endpointFile(pid, folder), 'utf8')) as {
      urls?: unknown;
    };
    if (!Array.isArray(urls)) return null;
    const found = urls.filter((url): url is string => typeof url === 'string');
    return found.length === 0 ? null : found;
  } catch {
    return null;
  }
}
