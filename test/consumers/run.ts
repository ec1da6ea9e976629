import { execFile } from 'node:child_process';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The environment variables that a child process keeps: only those that npm needs to find its registry and cache.
 * NODE_ENV, NODE_OPTIONS and VITEST would change how npm, Jest and the package behave, and `npm test` points its own
 * children at the repository.
 */
const KEPT =
  /^(?:PATH|HOME|(?:https?_|no_)proxy|NODE_EXTRA_CA_CERTS|npm_config_(?:registry|cache|userconfig))$/i;
export const environment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    KEPT.test(name) && value !== undefined ? [[name, value]] : [],
  ),
);

/** Runs a program until it exits. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...environment, ...variables }, maxBuffer: 2 ** 24 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error !== null && child.exitCode === null) reject(error);
      else resolve({ code: child.exitCode ?? 0, stdout, stderr });
    });
  });
}

/** Runs npm, which must succeed, and logs only errors. */
export async function npm(
  [command = '', ...args]: readonly string[],
  cwd: string,
): Promise<string> {
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  return outputOf('npm', [command, ...quietly, ...args], cwd);
}

/** The standard output of a program that must succeed. */
export async function outputOf(program: string, args: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await run(program, args, cwd);
  if (code !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}
