import { spawn } from 'node:child_process';

/**
 * Runs Node until it exits. The child does not inherit the environment of the test runner (NODE_ENV, NODE_OPTIONS, VITEST…),
 * which could change how the code under test or the compiler behaves.
 */
export function runNode(
  args: readonly string[],
  {
    cwd,
    env = {},
    node = process.execPath,
  }: { cwd: string; env?: Readonly<Record<string, string>>; node?: string },
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(node, args, { cwd, env: { PATH, HOME, ...env } });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
