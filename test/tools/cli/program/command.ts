import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { transformSync } from 'esbuild';

import { startProgram, type Ended, type Program } from '../../../support/start-program';

export const root = join(__dirname, '../../../..');
export const MAIN = join(root, 'dist/cli.js');

if (!existsSync(MAIN)) throw new Error('These tests run the built command: npm run build');

/** Starts the built `thrift-metrics` command in the repository root. */
export function startCommand(...args: readonly string[]): Program {
  return startProgram(process.execPath, [MAIN, ...args]);
}

export function runCommand(...args: readonly string[]): Promise<Ended> {
  return startCommand(...args).ended;
}

export type Standard = 'standard' | 'legacy';

/** Inside the repository, so that `thrift-metrics` resolves to the package itself. */
const FOLDER = join(root, 'build/cli');

/** Writes a file for a test, and returns its path. */
export function writeModule(name: string, code: string): string {
  const path = join(FOLDER, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
  return path;
}

/** Compiles TypeScript to a module: CommonJS if its name ends in .cjs, else ESM. */
export function compileModule(name: string, code: string, standard: Standard = 'standard'): string {
  const { code: compiled } = transformSync(code, {
    loader: 'ts',
    target: 'es2022',
    format: name.endsWith('.cjs') ? 'cjs' : 'esm',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: standard === 'legacy' } },
  });
  return writeModule(name, compiled);
}

/** Two services: one class with a class decorator, and one without. */
export const HANDLERS = `
import { Counted, InFlight, Instrumented, Objective, Timed } from 'thrift-metrics';

@Instrumented
@Objective({ availability: 0.999, latency: { target: 0.99, within: 0.25 } })
export class CalculatorHandler {
  async add() {}
}

export class UserHandler {
  @Counted({ labels: { tier: 'gold' } })
  @InFlight
  find() {}
}
`;
