import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { blocksOf, markdownFiles, root, type Block } from './markdown';

/** In the package, so that `thrift-metrics` resolves to the package itself. */
const FOLDER = join(root, 'build/docs');
/** Where a page imports generated code, it is that of this example. */
const GENERATED = join(root, 'examples/calculator/gen-nodejs');

/** What readers have that this repository has not installed. */
const PRELUDE = `
declare module '@jest/globals' {
  export function beforeEach(action: () => unknown): void;
  export function test(name: string, action: () => unknown): void;
  export const expect: (value: unknown) => any;
}
`;

export interface Extracted extends Block {
  /** From the folder that `extractBlocks` returns. */
  readonly file: string;
}

/**
 * Writes every block of the README and of docs/ that is code to a file: one folder for each page, its generated code
 * beside it.
 */
export function extractBlocks(): { folder: string; blocks: Extracted[] } {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const pages = ['README.md', ...markdownFiles('docs')];
  const blocks = pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === 'ts' || language === 'js')
      .map((block, i) => {
        const name = block.title ?? `block-${i + 1}.${block.language}`;
        return Object.assign(block, { file: join(page.replace(/\.md$/, ''), name) });
      }),
  );
  for (const page of new Set(blocks.map(({ file }) => dirname(file)))) {
    cpSync(GENERATED, join(FOLDER, page, 'gen-nodejs'), { recursive: true });
  }
  for (const { file, code } of blocks) writeFileSync(join(FOLDER, file), code);
  writeFileSync(join(FOLDER, 'prelude.d.ts'), PRELUDE);
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  return { folder: FOLDER, blocks };
}

/** As a reader's project may have it: strict, and nothing else out of the ordinary. */
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
