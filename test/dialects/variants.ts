import { join } from 'node:path';

type Dialect = 'legacy' | 'standard';

/** One way to compile the cases. */
export interface Variant {
  readonly compiler: string;
  readonly tool: TypeScript | 'esbuild' | 'swc';
  readonly dialect: Dialect;
  readonly module: 'commonjs' | 'esm';
}

interface TypeScript {
  /** The program, to be run by Node. */
  readonly tsc: string;
  /** What differs of its options: modules as a project of that format would have them, and what has to be quick. */
  readonly options: Readonly<Record<string, string | boolean>>;
}

const tsc = (folder: string) => join(__dirname, `../../node_modules/${folder}/bin/tsc`);

// TypeScript 5.9 cannot combine commonjs with the resolution of bundlers, 7 has no other left for it.
const commonjs = { module: 'commonjs', moduleResolution: 'bundler' };
const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
// Only the native compiler checks the declarations of the packages as well without taking seconds for it.
const quick = { skipLibCheck: true };
const whole = { skipLibCheck: false };
const compilers: readonly Omit<Variant, 'dialect'>[] = [
  {
    compiler: 'TypeScript 5.9',
    tool: {
      tsc: tsc('typescript-5.9'),
      options: { ...commonjs, moduleResolution: 'node10', ...quick },
    },
    module: 'commonjs',
  },
  {
    compiler: 'TypeScript 6',
    tool: { tsc: tsc('typescript-6'), options: { ...commonjs, ...quick } },
    module: 'commonjs',
  },
  {
    compiler: 'TypeScript 7',
    tool: { tsc: tsc('typescript'), options: { ...commonjs, ...whole } },
    module: 'commonjs',
  },
  {
    compiler: 'TypeScript 7',
    tool: { tsc: tsc('typescript'), options: { ...nodenext, ...whole } },
    module: 'esm',
  },
  { compiler: 'esbuild', tool: 'esbuild', module: 'commonjs' },
  { compiler: 'swc', tool: 'swc', module: 'commonjs' },
];

export const variants: readonly Variant[] = compilers.flatMap((compiler) =>
  (['standard', 'legacy'] as const).map((dialect) => Object.assign({ dialect }, compiler)),
);
