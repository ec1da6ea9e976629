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
  /** The path of the compiler, to be run by Node. */
  readonly tsc: string;
  /** The options that differ: modules as in a project of that format, and whether to check library declarations. */
  readonly options: Readonly<Record<string, string | boolean>>;
}

type Compiler = Omit<Variant, 'dialect'>;

const tsc = (folder: string) => join(__dirname, `../../node_modules/${folder}/bin/tsc`);

// Only the native compiler can check the declarations of the packages as well without taking seconds.
const quick = { skipLibCheck: true };
const whole = { skipLibCheck: false };

const releases = [
  { name: 'TypeScript 5.9', tsc: tsc('typescript-5.9'), commonjs: 'node10', libraries: quick },
  { name: 'TypeScript 6', tsc: tsc('typescript-6'), commonjs: 'bundler', libraries: quick },
  { name: 'TypeScript 7', tsc: tsc('typescript'), commonjs: 'bundler', libraries: whole },
] as const;

type Release = (typeof releases)[number];

/** For each value of `module`, the output format, and the module resolution if `module` does not imply it. */
const moduleKinds = {
  // TypeScript 5.9 cannot combine commonjs with bundler resolution, and 7 supports no other.
  commonjs: { format: 'commonjs', resolution: ({ commonjs }: Release) => commonjs },
  node16: { format: 'commonjs', resolution: () => undefined },
  nodenext: { format: 'esm', resolution: () => undefined },
  esnext: { format: 'esm', resolution: () => 'bundler' },
} as const;

type ModuleKind = keyof typeof moduleKinds;

function typeScript(release: Release, kind: ModuleKind): Compiler {
  const { format, resolution } = moduleKinds[kind];
  const moduleResolution = resolution(release);
  const options = { module: kind, ...(moduleResolution && { moduleResolution }) };
  return {
    compiler: `${release.name}, module ${kind}`,
    tool: { tsc: release.tsc, options: { ...options, ...release.libraries } },
    module: format,
  };
}

const transpiler = (tool: 'esbuild' | 'swc' | 'tsx', module: Compiler['module']): Compiler => ({
  compiler: `${tool}, ${module}`,
  tool,
  module,
});

const inBothDialects = (compilers: readonly Compiler[]): readonly Variant[] =>
  compilers.flatMap((compiler) =>
    (['standard', 'legacy'] as const).map((dialect) => Object.assign({ dialect }, compiler)),
  );

/** Each compiler once, and the newest with modules of both formats. */
export const variants = inBothDialects([
  ...releases.map((release) => typeScript(release, 'commonjs')),
  typeScript(releases[2], 'nodenext'),
  transpiler('esbuild', 'commonjs'),
  transpiler('swc', 'commonjs'),
  transpiler('tsx', 'esm'),
]);

/** Each compiler with modules of every kind. */
export const allVariants = inBothDialects([
  ...releases.flatMap((release) =>
    (Object.keys(moduleKinds) as ModuleKind[]).map((kind) => typeScript(release, kind)),
  ),
  ...(['esbuild', 'swc', 'tsx'] as const).flatMap((tool) => [
    transpiler(tool, 'commonjs'),
    transpiler(tool, 'esm'),
  ]),
]);
