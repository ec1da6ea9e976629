import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program in the foreground, in the repository root, and resolves with its exit code. Signals are forwarded, and
 * this process outlives the program. So if the program ends cleanly on Ctrl-C, which the terminal sends to both, its exit
 * code is the final one.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const release = forwardSignals((signal) => child.kill(signal));
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('close', (code, signal) => {
      release();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Prints a text, as an error unless the exit code is 0, and exits. */
export function exitWith(text, code) {
  (code === 0 ? console.log : console.error)(text);
  process.exit(code);
}

function forwardSignals(kill) {
  FORWARDED.forEach((signal) => process.on(signal, kill));
  // A signal sent only to npm ends npm and its shell but does not reach this process. A changed parent reveals it.
  const parent = process.ppid;
  const lost = () => process.ppid !== parent && kill('SIGTERM');
  const watch = process.env.npm_lifecycle_event === undefined ? undefined : setInterval(lost, 500);
  return () => {
    clearInterval(watch);
    FORWARDED.forEach((signal) => process.off(signal, kill));
  };
}

/** Runs npm. If it fails, cleans up and exits with npm's exit code. */
export async function npm(args, cleanUp = () => {}) {
  const code = await run('npm', args, { shell: process.platform === 'win32' });
  if (code === 0) return;
  cleanUp();
  console.error(`npm ${args.join(' ')} failed (exit code ${code})`);
  process.exit(code);
}
