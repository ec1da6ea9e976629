import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { packedPackage } from '../../consumers/projects';
import { commandsOf } from '../../docs/commands';
import { headingsOf, root, rowsOf } from '../../docs/markdown';
import { freePorts } from '../../support/free-ports';
import { follow } from './follow';
import { Reader } from './reader';

export const TUTORIAL = 'docs/tutorial/first-service.md';
export const PROJECTS = 'docs/how-to/projects.md';

/** What a reader has instead of the tutorial's project: CommonJS, npm, and the newest TypeScript. */
export interface ProjectKind {
  readonly modules?: 'ES modules';
  readonly manager?: 'pnpm' | 'Yarn';
  readonly typescript?: '5.9' | '6' | '7';
}

/** The sections of the tutorial that need no Prometheus. */
const SECTIONS = headingsOf(TUTORIAL, 2);
export const BEFORE_PROMETHEUS = SECTIONS.slice(
  0,
  SECTIONS.indexOf('Let Prometheus scrape and watch'),
);
export const BEFORE_HANDLER = SECTIONS.slice(0, SECTIONS.indexOf('Write the handler'));

const COMPILE_IDL = 'thrift --gen js:node,es6,ts calculator.thrift';

/** The command of the tutorial that writes `tsconfig.json`. */
export const INIT_TYPESCRIPT =
  commandsOf(TUTORIAL).find((command) => command.startsWith('npx tsc --init ')) ?? '';

/** Copies what the Thrift compiler wrote for this IDL instead of running it. The matrix compares it with what it writes. */
export const withoutThriftCompiler = (text: string, repository: string = root): string =>
  text.replaceAll(COMPILE_IDL, `cp -r ${repository}/test/real/walks/gen-nodejs .`);

/** Creates a folder called `thrift-metrics` with only the packed package, in a new folder. */
export function makePackedClone(
  { folder, packed }: ReturnType<typeof packedPackage>,
  name: string,
): string {
  const clone = join(folder, name, 'thrift-metrics');
  mkdirSync(clone, { recursive: true });
  copyFileSync(packed.tarball, join(clone, basename(packed.tarball)));
  return clone;
}

/** A reader of the tutorial with a project of one kind, where the package is already packed. */
export class ProjectReader extends Reader {
  readonly #adapt: (text: string) => string;

  private constructor(
    clone: string,
    variables: Readonly<Record<string, string>>,
    adapt: (text: string) => string,
  ) {
    super(clone, variables);
    this.#adapt = adapt;
  }

  static async create(
    thePackage: ReturnType<typeof packedPackage>,
    name: string,
    kind: ProjectKind = {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<ProjectReader> {
    const clone = makePackedClone(thePackage, name);
    const onFreePorts = await freePorts([9091, 8000]);
    return new ProjectReader(clone, variables, (text) => onFreePorts(adaptTo(kind, text)));
  }

  adapt(text: string): string {
    return this.#adapt(text);
  }

  followTutorial(sections: readonly string[]): Promise<void> {
    return follow(TUTORIAL, this, this.#adapt, sections);
  }

  /** Follows a section of the page about projects. */
  followProjects(section: string): Promise<void> {
    return follow(PROJECTS, this, this.#adapt, [section]);
  }
}

/** Replaces what the page about projects tells readers of a kind to replace. */
function adaptTo({ modules, manager, typescript }: ProjectKind, text: string): string {
  let adapted = text.replace('npm install && npm pack\n', '');
  if (modules !== undefined) {
    for (const { 'instead of': instead = '', run = '' } of rowsOf(PROJECTS, 'instead of', 'run')) {
      adapted = adapted.replace(instead, run);
    }
  }
  if (typescript !== undefined) {
    adapted = adapted.replace(
      /^(npm install --save-dev .*)typescript\b/m,
      `$1typescript@${typescript}`,
    );
  }
  if (manager !== undefined) {
    for (const row of rowsOf(PROJECTS, 'npm', 'pnpm', 'Yarn')) {
      adapted = adapted.replaceAll(new RegExp(`^${row['npm']}(?= |$)`, 'gm'), row[manager] ?? '');
    }
  }
  return withoutThriftCompiler(adapted);
}

export const JEST_GUIDE = 'docs/how-to/tests-with-jest.md';

/** Creates what the guide to Jest assumes: a service in a project with the package, as in the tutorial. */
export async function makeJestProject(reader: Reader, typescript: string): Promise<void> {
  await reader.run('mkdir ../tests-with-jest && cd ../tests-with-jest && npm init -y');
  await reader.run('npm install ../thrift-metrics/thrift-metrics-0.1.0.tgz prom-client thrift');
  await reader.run(`npm install --save-dev ${typescript} @types/node @types/thrift @types/q`);
  await reader.run(INIT_TYPESCRIPT);
  await reader.run(withoutThriftCompiler(COMPILE_IDL));
}
