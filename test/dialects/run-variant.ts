import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { thisNode, type Node } from '../matrix/node';
import { compile, type Diagnostic } from './compile';
import { runNode } from './run-node';
import type { Variant } from './variants';

export interface Report {
  readonly variant: Variant;
  readonly diagnostics: readonly Diagnostic[];
  readonly runs: readonly Run[];
}

/** The results of a program of cases on one Node.js. */
export interface Run {
  readonly version: string;
  readonly program: string;
  readonly cases: readonly { name: string; failure?: string }[];
  /** How many cases the child reported at its end; undefined when it did not get there. */
  readonly ran: number | undefined;
  /** All other output of the child or the compiler. */
  readonly noise: string;
}

const here = (path: string) => join(__dirname, path);
const repository = here('../..');

/** Compiles the cases and the type tests, and runs the cases in a separate process on each Node.js. */
export async function runVariant(
  variant: Variant,
  nodes: readonly Node[] = [thisNode],
): Promise<Report> {
  const folder = await prepare(variant);
  try {
    const diagnostics = await compile(variant, folder);
    const runs: Run[] = [];
    for (const node of nodes) {
      for (const program of programsOf(variant)) {
        // oxlint-disable-next-line no-await-in-loop -- the caller decides how many run at once
        runs.push(await runProgram(variant, { folder, program, node }));
      }
    }
    return { variant, diagnostics, runs };
  } catch (error) {
    const nothing = { version: '', program: '', cases: [], ran: undefined };
    return { variant, diagnostics: [], runs: [{ ...nothing, noise: String(error) }] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** NestJS supports only legacy decorators, and finds what to inject by the types that compilers emit. */
function programsOf(variant: Variant): string[] {
  return writesDesignTypes(variant) ? ['cases', 'nest'] : ['cases'];
}

function writesDesignTypes({ dialect, tool }: Variant): boolean {
  return dialect === 'legacy' && (tool === 'swc' || typeof tool === 'object');
}

async function runProgram(
  variant: Variant,
  { folder, program, node }: { folder: string; program: string; node: Node },
): Promise<Run> {
  const main =
    variant.tool === 'tsx'
      ? ['--import', 'tsx', join(folder, `src/${program}/main.ts`)]
      : [join(folder, `out/${program}/main.js`)];
  const { output } = await runNode(main, {
    cwd: folder,
    env: {
      TEST_DIALECT: variant.dialect,
      TEST_DESIGN_TYPES: String(writesDesignTypes(variant)),
    },
    node: node.program,
  });
  return { version: node.version, program, ...parse(output) };
}

/** Creates a small project inside the repository, so that thrift and prom-client resolve as in any project. */
async function prepare(variant: Variant): Promise<string> {
  const build = join(repository, 'build');
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(join(build, 'dialects-'));
  for (const name of [...programsOf(variant), 'types']) {
    // oxlint-disable-next-line no-await-in-loop -- a few small files
    await cp(here(`./${name}`), join(folder, 'src', name), { recursive: true });
  }
  const type = variant.module === 'esm' ? 'module' : 'commonjs';
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type }));
  await mkdir(join(folder, 'node_modules'));
  await symlink(repository, join(folder, 'node_modules/thrift-metrics'), 'dir');
  return folder;
}

function parse(output: string): Pick<Run, 'cases' | 'ran' | 'noise'> {
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
