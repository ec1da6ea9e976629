import fs = require('node:fs');

import { startInterval } from '../metrics/clock';
import { type ConfigFile, readConfigFile } from './read-config-file';

/** Milliseconds between two looks at the file. */
const INTERVAL = 1000;

/** The state of a file that does not exist, or that cannot be looked at. */
const MISSING = 'missing';

/**
 * Reads the configuration file again when it changes. A look at the path, instead of a watch of the file, notices every kind
 * of change: a file that is written, or replaced by another one, and a symbolic link of a Kubernetes volume that moves.
 */
export class FileWatch {
  /** The state of the file when it was read. */
  private known = MISSING;
  /** The state of the file at the last look. */
  private seen = MISSING;

  constructor(
    /** Absolute, because the program may change its working directory. */
    readonly path: string,
    private readonly changed: (file: ConfigFile) => void,
  ) {}

  /** Reads the file. */
  read(): ConfigFile {
    // Looks first: a change in between is noticed at the next look.
    this.known = this.seen = this.state();
    return readConfigFile(this.path);
  }

  private state(): string {
    try {
      return stateOf(fs.statSync(this.path, { bigint: true }));
    } catch {
      return MISSING;
    }
  }

  /** Looks at the file every second, and passes faults to `failed`. Does not keep the process alive. */
  start(failed: (error: unknown) => void): void {
    let isLooking = false;
    const timer = startInterval(() => {
      if (isLooking) return;
      isLooking = true;
      void this.look()
        .catch(failed)
        .finally(() => (isLooking = false));
    }, INTERVAL);
    timer.unref();
  }

  /** Reads the file if it has changed and is the same as at the last look: a file that is being written may be half a file. */
  async look(): Promise<void> {
    const state = await fs.promises.stat(this.path, { bigint: true }).then(stateOf, () => MISSING);
    const isStable = state === this.seen;
    this.seen = state;
    if (!isStable || state === this.known) return;
    this.known = state;
    this.changed(readConfigFile(this.path));
  }
}

function stateOf(stats: fs.BigIntStats): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
