import { join } from 'node:path';

type Dialect = 'legacy' | 'standard';

/** One way to compile the cases. */
export interface Variant {
  readonly compiler: string;
  readonly tool: TypeScript | 'esbuild' | 'swc' | 'tsx';
  readonly dialect: Dialect;
  readonly module: 'commonjs' | 'esm';
}

interface TypeScript {
  /** The program, to be run by Node. */
  readonly tsc: string;
  /** What differs of its options: modules as a project of that format would have them, and what has to be quick. */
  readonly options: Readonly<Record<string, string | boolean>>;
}

type Compiler = Omit<Variant, 'dialect'>;

const tsc = (folder: string) => join(__dirname, `../../node_modules/${folder}/bin/tsc`);

const bundler = { moduleResolution: 'bundler' };
// TypeScript 5.9 cannot combine commonjs with the resolution of bundlers, 7 has no other left for it.
const node10 = { moduleResolution: 'node10' };
// Only the native compiler checks the declarations of the packages as well without taking seconds for it.
const quick = { skipLibCheck: true };
const whole = { skipLibCheck: false };

const releases = [
  { compiler: 'TypeScript 5.9', tsc: tsc('typescript-5.9'), commonjs: node10, libraries: quick },
  { compiler: 'TypeScript 6', tsc: tsc('typescript-6'), commonjs: bundler, libraries: quick },
  { compiler: 'TypeScript 7', tsc: tsc('typescript'), commonjs: bundler, libraries: whole },
] as const;

type Release = (typeof releases)[number];

const commonjs = ({ compiler, tsc: program, commonjs: resolution, libraries }: Release) =>
  ({
    compiler: `${compiler}, module commonjs`,
    tool: { tsc: program, options: { module: 'commonjs', ...resolution, ...libraries } },
    module: 'commonjs',
  }) satisfies Compiler;

const node16 = ({ compiler, tsc: program, libraries }: Release) =>
  ({
    compiler: `${compiler}, module node16`,
    tool: { tsc: program, options: { module: 'node16', ...libraries } },
    module: 'commonjs',
  }) satisfies Compiler;

const nodenext = ({ compiler, tsc: program, libraries }: Release) =>
  ({
    compiler: `${compiler}, module nodenext`,
    tool: { tsc: program, options: { module: 'nodenext', ...libraries } },
    module: 'esm',
  }) satisfies Compiler;

const esnext = ({ compiler, tsc: program, libraries }: Release) =>
  ({
    compiler: `${compiler}, module esnext, resolution bundler`,
    tool: { tsc: program, options: { module: 'esnext', ...bundler, ...libraries } },
    module: 'esm',
  }) satisfies Compiler;

const transpiler = (tool: 'esbuild' | 'swc' | 'tsx', module: Compiler['module']) =>
  ({ compiler: `${tool}, ${module}`, tool, module }) satisfies Compiler;

const inBothDialects = (compilers: readonly Compiler[]): readonly Variant[] =>
  compilers.flatMap((compiler) =>
    (['standard', 'legacy'] as const).map((dialect) => Object.assign({ dialect }, compiler)),
  );

/** Each compiler once, and the newest with modules of both formats. */
export const variants = inBothDialects([
  ...releases.map(commonjs),
  nodenext(releases[2]),
  transpiler('esbuild', 'commonjs'),
  transpiler('swc', 'commonjs'),
  transpiler('tsx', 'esm'),
]);

/** Each compiler with modules of every kind. */
export const allVariants = inBothDialects([
  ...releases.flatMap((release) => [
    commonjs(release),
    node16(release),
    nodenext(release),
    esnext(release),
  ]),
  ...(['esbuild', 'swc', 'tsx'] as const).flatMap((tool) => [
    transpiler(tool, 'commonjs'),
    transpiler(tool, 'esm'),
  ]),
]);
