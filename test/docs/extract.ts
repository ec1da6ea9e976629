import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { blocksOf, markdownFiles, root, type Block } from './markdown';

/** The generated code that pages import. */
const GENERATED = join(root, 'examples/calculator/gen-nodejs');

/** Declares packages that readers have installed and this repository has not. */
const PRELUDE = `
declare module '@jest/globals' {
  export function beforeEach(action: () => unknown): void;
  export function test(name: string, action: () => unknown): void;
  export const expect: (value: unknown) => any;
}
`;

/** Pages about a framework that supports only legacy decorators. */
const LEGACY_PAGES = ['docs/how-to/nestjs.md'];

export interface Extracted extends Block {
  /** Path relative to the folder that `extractBlocks` returns. */
  readonly file: string;
}

/**
 * Writes every code block of the pages to a file, in one folder per page with the generated code beside it. Each test
 * gets its own folder inside the package, so that `thrift-metrics` resolves to the package itself.
 */
export function extractBlocks(
  test: string,
  pages: readonly string[] = ['README.md', ...markdownFiles('docs')],
): { projects: string[]; folder: string; blocks: Extracted[] } {
  const folder = join(root, 'build/docs', test);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const blocks = pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === 'ts' || language === 'js')
      .map((block, i) => {
        const name = block.title ?? `block-${i + 1}.${block.language}`;
        return Object.assign(block, { file: join(folderOf(page), name) });
      }),
  );
  for (const page of new Set(blocks.map(({ file }) => dirname(file)))) {
    cpSync(GENERATED, join(folder, page, 'gen-nodejs'), { recursive: true });
  }
  for (const { file, code } of blocks) writeFileSync(join(folder, file), code);
  writeFileSync(join(folder, 'prelude.d.ts'), PRELUDE);
  const legacy = LEGACY_PAGES.filter((page) => pages.includes(page)).map(folderOf);
  const projects = [
    writeProject(folder, { ...TSCONFIG, exclude: legacy }),
    ...legacy.map((page) => writeProject(join(folder, page), LEGACY_TSCONFIG)),
  ];
  return { projects, folder, blocks };
}

const folderOf = (page: string): string => page.replace(/\.md$/, '');

function writeProject(folder: string, tsconfig: object): string {
  const path = join(folder, 'tsconfig.json');
  writeFileSync(path, JSON.stringify(tsconfig));
  return path;
}

/** The configuration of a typical reader's project: strict, otherwise ordinary. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    moduleDetection: 'force',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['**/*.ts', '**/*.mts'],
};

/** The path to the prelude assumes that pages are three folders deep. */
const LEGACY_TSCONFIG = {
  compilerOptions: {
    ...TSCONFIG.compilerOptions,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  },
  include: [...TSCONFIG.include, '../../../prelude.d.ts'],
};
