import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { transformFile } from '@swc/core';
import { build } from 'esbuild';

import { runNode } from './run-node';
import type { Variant } from './variants';

export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Compiles `folder/src` to `folder/out`. Only tsc finds type errors; the others compile each file on its own. */
export async function compile(variant: Variant, folder: string): Promise<Diagnostic[]> {
  if (variant.tool === 'esbuild') return compileWithEsbuild(variant, folder);
  if (variant.tool === 'swc') return compileWithSwc(variant, folder);
  if (variant.tool === 'tsx') return configureTsx(variant, folder);
  return compileWithTypeScript(variant.tool, variant.dialect, folder);
}

async function compileWithTypeScript(
  { tsc, options }: Exclude<Variant['tool'], string>,
  dialect: Variant['dialect'],
  folder: string,
): Promise<Diagnostic[]> {
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    // The types of thrift refer to a DOM class.
    lib: ['es2023', 'dom'],
    types: ['node'],
    esModuleInterop: true,
    noEmitOnError: false,
    rootDir: 'src',
    outDir: 'out',
    pretty: false,
    ...options,
    ...(dialect === 'legacy' && { experimentalDecorators: true, emitDecoratorMetadata: true }),
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['src'] }),
  );
  const { code, output } = await runNode([tsc, '-p', folder], { cwd: folder });
  const diagnostics = output.split('\n').flatMap((line) => {
    const found = /^(?:src\/)?([^(]+)\((\d+),\d+\): (error .*)$/.exec(line);
    const [, file, number, text] = found ?? [];
    return file && text ? [{ file, line: Number(number), text }] : [];
  });
  // An error without a location, such as an unsupported option, must not be mistaken for success.
  if (code !== 0 && diagnostics.length === 0) throw new Error(`tsc ended with ${code}: ${output}`);
  return diagnostics;
}

/** tsx compiles when the program runs, and reads tsconfig.json like the other compilers. */
async function configureTsx({ dialect }: Variant, folder: string): Promise<Diagnostic[]> {
  const compilerOptions = { target: 'es2022', experimentalDecorators: dialect === 'legacy' };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  return [];
}

async function compileWithEsbuild(variant: Variant, folder: string): Promise<Diagnostic[]> {
  const names = await sources(folder);
  await build({
    entryPoints: names.map((name) => join(folder, 'src', name)),
    outdir: join(folder, 'out'),
    outbase: join(folder, 'src'),
    format: variant.module === 'esm' ? 'esm' : 'cjs',
    platform: 'node',
    target: 'es2022',
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: variant.dialect === 'legacy' } },
  });
  return [];
}

async function compileWithSwc(variant: Variant, folder: string): Promise<Diagnostic[]> {
  const legacy = variant.dialect === 'legacy';
  const compileFile = async (name: string) => {
    const { code } = await transformFile(join(folder, 'src', name), {
      swcrc: false,
      module: { type: variant.module === 'esm' ? 'es6' : 'commonjs' },
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: legacy
          ? { legacyDecorator: true, decoratorMetadata: true }
          : { decoratorVersion: '2022-03' },
      },
    });
    const output = join(folder, 'out', name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, code);
  };
  await Promise.all((await sources(folder)).map(compileFile));
  return [];
}

async function sources(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'src'), { recursive: true });
  return names.filter((name) => !name.startsWith('types/') && name.endsWith('.ts'));
}
