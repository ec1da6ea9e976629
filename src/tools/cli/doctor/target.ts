import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { endpointFile, readEndpointFile } from '../../status/endpoint-file';
import { CommandError } from '../command-line';
import { firstLine } from '../output';
import { parseAddress } from '../http-request';

/** Where to ask for a status. */
export interface Target {
  readonly url: URL;
  /** The process that must answer, or null if any may. */
  readonly pid: number | null;
}

/**
 * Finds what the argument of `doctor` means: an id of a process, a file that contains one, or a URL. Without an argument, it is
 * the default port of this machine.
 *
 * @throws {CommandError} if the process cannot be asked, or the argument is none of them.
 */
export function findTarget(text: string | undefined, cwd: string): Target {
  if (text === undefined) return { url: new URL('http://localhost:8000'), pid: null };
  if (/^\d+$/.test(text)) return targetOfProcess(Number(text));
  const pid = pidIn(text, cwd);
  if (pid !== null) return targetOfProcess(pid);
  return { url: parseAddress(text, 'an endpoint, such as http://localhost:8000'), pid: null };
}

/** The id in a file, or null if there is no file with this name. */
function pidIn(text: string, cwd: string): number | null {
  let content: string;
  try {
    content = readFileSync(resolve(cwd, text), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw new CommandError(`${text} cannot be read: ${firstLine(error)}. Pass the id itself.`, {
      cause: error,
    });
  }
  const [, pid] = /^\s*(\d+)\s*$/.exec(content) ?? [];
  if (pid === undefined) {
    throw new CommandError(`${text} does not contain the id of a process. Pass a pid file.`);
  }
  return Number(pid);
}

function targetOfProcess(pid: number): Target {
  if (!exists(pid)) {
    throw new CommandError(
      `There is no process ${pid} on this machine. Pass the id of one that runs.`,
    );
  }
  const [url] = readEndpointFile(pid) ?? [];
  if (url === undefined) {
    throw new CommandError(
      `Process ${pid} cannot be asked, because ${endpointFile(pid)} does not exist. Either it does not serve metrics, or it has another temporary directory, or it is a worker. Pass the URL of the endpoint, or the id of the primary process.`,
    );
  }
  return { url: new URL(url), pid };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
