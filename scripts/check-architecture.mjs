// `npm run architecture`: checks that the source has the architecture that docs/explanation/architecture.md describes, and
// prints each place where it differs, with what to do about it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkBasenames } from './architecture/basenames.mjs';
import { checkCircles } from './architecture/circles.mjs';
import { checkDefaults } from './architecture/defaults.mjs';
import { checkGlobals } from './architecture/globals.mjs';
import { checkImports } from './architecture/imports.mjs';
import { checkLateGlobals } from './architecture/late-globals.mjs';
import { checkModuleState } from './architecture/module-state.mjs';
import { createProgram } from './architecture/program.mjs';
import { root } from './run.mjs';

/** The folders of src, and which others each may import. `(types)` allows type-only imports. */
export const MODULES = {
  validation: [],
  metrics: [],
  recording: ['metrics'],
  runtime: ['validation', 'metrics', 'recording'],
  declaration: ['validation', 'metrics', 'recording', 'runtime'],
  api: ['validation', 'metrics', 'recording', 'runtime', 'declaration'],
  thrift: ['validation', 'metrics', 'recording', 'runtime', 'declaration', 'api'],
  scrape: ['validation', 'metrics', 'recording (types)', 'runtime'],
  signals: ['validation', 'metrics', 'recording', 'runtime', 'scrape'],
  slo: ['validation', 'metrics', 'declaration (types)'],
  tools: ['validation', 'metrics', 'runtime', 'declaration', 'scrape', 'slo'],
  endpoint: ['validation', 'metrics', 'recording (types)', 'runtime', 'scrape', 'tools'],
  configuration: [
    'validation',
    'metrics',
    'runtime',
    'api',
    'thrift',
    'scrape',
    'tools',
    'endpoint',
  ],
};

/** The packages that the source uses, and the files or folders of src that may know each. */
export const PACKAGES = {
  'prom-client': 'runtime/client-library.ts',
  '@prometheus-io/client': 'runtime/client-library.ts',
  thrift: 'thrift/',
  '@opentelemetry/api': 'signals/',
  'reflect-metadata': 'declaration/',
  commander: 'tools/cli/',
  'cli-table3': 'tools/cli/',
  tsx: 'tools/cli/',
  yaml: ['tools/cli/', 'configuration/'],
  uplot: 'tools/page/',
  preact: 'tools/page/browser/',
  'd3-hierarchy': 'tools/page/browser/',
};

/** They may import every module, and no file imports them. */
export const ENTRY_POINTS = ['index.ts', 'auto.ts', 'opentelemetry.ts', 'dashboards.ts', 'cli.ts'];

/** Beside the folders. Every module may import them; they import nothing of src. */
export const SHARED = ['package-folder.ts'];

/**
 * The program that runs in a browser. It may import only its own files, the types of the protocol, and shared files, which
 * import nothing but each other. The process that serves it may import only the types and the shared files. Its state
 * belongs to one page.
 */
export const BROWSER = {
  folder: 'tools/page/browser/',
  protocol: [
    'tools/page/browser/protocol.ts',
    'tools/page/browser/calls-protocol.ts',
    'tools/page/browser/profile-protocol.ts',
    'tools/page/protocol.ts',
  ],
  shared: ['slo/urgency.ts'],
};

/** Who may use `globalThis` for more than reading a global of Node.js. */
export const GLOBAL_THIS = {
  'runtime/runtime.ts': 'finds the one runtime of the process',
  'tools/cli/modules.ts': 'looks for runtimes of other versions',
};

/** Who may use clocks and timers of Node.js directly, which fake timers replace. */
export const LATE_GLOBALS = {
  'metrics/clock.ts': 'captures them at import for all others',
  'tools/cli/': 'runs in a process of its own, without a test runner',
};

/** Basenames that several files may have. */
export const BASENAMES = {
  'messages.ts': 'messages between workers, and the dashboard row about Thrift messages',
};

const TABLES = {
  MODULES,
  PACKAGES,
  ENTRY_POINTS,
  SHARED,
  BROWSER,
  GLOBAL_THIS,
  LATE_GLOBALS,
  BASENAMES,
};

const CHECKS = [
  checkImports,
  checkCircles,
  checkBasenames,
  checkModuleState,
  checkGlobals,
  checkLateGlobals,
  checkDefaults,
];

/**
 * Finds where sources differ from the architecture.
 *
 * @param {Record<string, string>} sources the text of each file, by its path in src
 */
export function findViolations(sources) {
  const program = createProgram(sources);
  return CHECKS.flatMap((check) => check(program, TABLES)).toSorted(
    (a, b) => a.path.localeCompare(b.path) || a.line - b.line,
  );
}

/** The TypeScript files of src, by their path in it. */
export function readSources() {
  const folder = join(root, 'src');
  const paths = readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, line, message } of findViolations(readSources())) {
    console.error(`src/${path}:${line}: ${message}`);
    process.exitCode = 1;
  }
}
