import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { compile, type Diagnostic } from './compile';
import { runNode } from './run-node';
import type { Variant } from './variants';

export interface Report {
  readonly variant: Variant;
  readonly diagnostics: readonly Diagnostic[];
  readonly cases: readonly { name: string; failure?: string }[];
  /** How many cases the child said it had run when it came to its end; undefined when it never did. */
  readonly ran: number | undefined;
  /** What the child, or the compiler, said beside that. */
  readonly noise: string;
}

const here = (path: string) => join(__dirname, path);
const repository = here('../..');

/** Compiles the cases and the type tests, and runs the cases in a process of their own. */
export async function runVariant(variant: Variant): Promise<Report> {
  const folder = await prepare(variant);
  try {
    const diagnostics = await compile(variant, folder);
    const designTypes = variant.dialect === 'legacy' && variant.tool !== 'esbuild';
    const { output } = await runNode([join(folder, 'out/cases/main.js')], {
      cwd: folder,
      env: { TEST_DIALECT: variant.dialect, TEST_DESIGN_TYPES: String(designTypes) },
    });
    return { variant, diagnostics, ...parse(output) };
  } catch (error) {
    return { variant, diagnostics: [], cases: [], ran: undefined, noise: String(error) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A little project under the repository, so that thrift and prom-client are found as in any project. */
async function prepare({ module }: Variant): Promise<string> {
  const build = join(repository, 'build');
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(join(build, 'dialects-'));
  await cp(here('./cases'), join(folder, 'src/cases'), { recursive: true });
  await cp(here('./types'), join(folder, 'src/types'), { recursive: true });
  const type = module === 'esm' ? 'module' : 'commonjs';
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type }));
  await mkdir(join(folder, 'node_modules'));
  await symlink(repository, join(folder, 'node_modules/thrift-metrics'), 'dir');
  return folder;
}

function parse(output: string): Pick<Report, 'cases' | 'ran' | 'noise'> {
  const cases: { name: string; failure?: string }[] = [];
  const noise: string[] = [];
  let ran: number | undefined;
  for (const line of output.split('\n')) {
    if (line.startsWith('{"name":')) cases.push(JSON.parse(line));
    else if (line.startsWith('{"ran":')) ({ ran } = JSON.parse(line));
    else if (line !== '') noise.push(line);
  }
  return { cases, ran, noise: noise.join('\n') };
}
