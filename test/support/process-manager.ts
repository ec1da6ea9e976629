import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

type Variables = Readonly<Record<string, string>>;

/** A PM2 daemon of its own, with a folder of its own for logs and temporary files. */
export class ProcessManager {
  readonly home = mkdtempSync(join(tmpdir(), 'pm2-'));
  readonly #env: Variables;

  constructor(env: Variables = {}) {
    const { PATH = '' } = process.env;
    this.#env = { PATH, HOME: this.home, PM2_HOME: this.home, TMPDIR: this.home, ...env };
  }

  /** Runs a command of PM2, and resolves with its output. An application that it starts gets the variables `env`. */
  async tell(args: readonly string[], env: Variables = {}): Promise<string> {
    const command = [require.resolve('pm2/bin/pm2'), ...args];
    const { stdout } = await run(process.execPath, command, { env: { ...this.#env, ...env } });
    return stdout;
  }

  /** Ends the daemon and its applications. */
  async stop(): Promise<void> {
    await this.tell(['kill']);
    rmSync(this.home, { recursive: true, force: true });
  }
}
