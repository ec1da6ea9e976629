import { createHash } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { noSum } from '../superior';
import { processManagerApp } from '../../../runtime/process-manager';
import { isRunning, processIdentity } from './process-identity';

/** Bytes of the path of a socket that every system accepts. */
const MAX_PATH = 100;

/**
 * The folder in which the workers of one cluster meet: in the folder for temporary files, below one that only this user can
 * read, named after the primary of the cluster.
 */
export class MeetingPlace {
  private constructor(
    private readonly parent: string,
    readonly folder: string,
    private readonly uid: number,
  ) {}

  /** @throws {@link ThriftMetricsError} `TM_ERR_NO_SUM` if there can be no such folder */
  static open(): MeetingPlace {
    // Unlike os.userInfo(), this also works for a user without an entry in /etc/passwd, which containers often have.
    const uid = process.getuid?.();
    if (uid === undefined) {
      throw noSum(
        'on Windows, workers cannot find each other without their primary. Load thrift-metrics in the primary of the cluster',
      );
    }
    const parent = join(tmpdir(), `thrift-metrics-${uid}`);
    const folder = join(parent, nameOfCluster());
    if (Buffer.byteLength(folder) > MAX_PATH) {
      throw noSum(`the path ${folder} is too long for a socket. Set TMPDIR to a shorter path`);
    }
    const place = new MeetingPlace(parent, folder, uid);
    place.make();
    removeAbandoned(parent);
    return place;
  }

  /**
   * Creates the folder if it is missing, because something may remove old files.
   *
   * @throws {@link ThriftMetricsError} `TM_ERR_NO_SUM` if it cannot be created, or belongs to another user
   */
  make(): void {
    try {
      for (const each of [this.parent, this.folder]) {
        makeFolder(each);
        checkOwner(each, this.uid);
      }
    } catch (error) {
      throw inaccessible(this.folder, error);
    }
  }

  socket(generation: number): string {
    return join(this.folder, `s${generation}`);
  }

  /** Returns the generations of the sockets in the folder, in ascending order. */
  generations(): number[] {
    const found = readdirSync(this.folder).flatMap((name) => /^s(\d+)$/.exec(name)?.[1] ?? []);
    return found.map(Number).toSorted((a, b) => a - b);
  }

  /** Identifies the socket of a generation: one that replaces it at its path has another identity. Null if there is none. */
  socketIdentity(generation: number): number | null {
    return lstatSync(this.socket(generation), { throwIfNoEntry: false })?.ino ?? null;
  }

  /**
   * Runs `close`, which closes the server of a socket. The system then removes whatever is at the path of the socket. If that is
   * the socket of another worker, which has opened it after something had removed this one, it is put back.
   */
  closeSocket<T>(generation: number, identity: number | null, close: () => T): T {
    const path = this.socket(generation);
    const kept = `${path}.${process.pid}`;
    const found = this.socketIdentity(generation);
    const isReplaced = found !== null && found !== identity;
    if (isReplaced) tryTo(() => linkSync(path, kept));
    const result = close();
    if (isReplaced) {
      // Fails if yet another worker has just opened the socket.
      tryTo(() => linkSync(kept, path));
      rmSync(kept, { force: true });
    }
    return result;
  }

  removeSocket(generation: number): void {
    rmSync(this.socket(generation), { force: true });
  }
}

function nameOfCluster(): string {
  const { ppid } = process;
  const hash = createHash('sha256');
  hash.update(`${processIdentity(ppid)}\n${processManagerApp() ?? ''}`);
  return `${ppid}-${hash.digest('hex').slice(0, 16)}`;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** @throws {Error} if another user could have put something there */
function checkOwner(folder: string, uid: number): void {
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  if (found.uid !== uid) throw new Error(`${folder} belongs to another user`);
  if ((found.mode & 0o077) !== 0) throw new Error(`other users can access ${folder}`);
}

/** Removes the folders of clusters whose primary no longer runs. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1]);
    try {
      if (pid > 0 && !isRunning(pid)) rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another worker may remove it at the same time.
    }
  }
}

/** Runs code whose failure only means that another worker was faster. */
function tryTo(run: () => void): void {
  try {
    run();
  } catch {
    // The workers look for each other again.
  }
}

function inaccessible(folder: string, error: unknown): Error {
  const { message } = error as Error;
  return noSum(
    `the workers of the cluster meet in ${folder}, where ${message}. Make the folder for temporary files (TMPDIR) writable and remove what is in the way, or load thrift-metrics in the primary of the cluster`,
    error,
  );
}
