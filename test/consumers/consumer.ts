import type { Node } from '../matrix/node';

/** Installs projects for a check, and lists the Node.js versions that run them. */
export interface Consumer {
  /** Installs the packed package in a copy of the project, and resolves with its folder. */
  install(project: string): Promise<string>;
  readonly nodes: readonly Node[];
}

/** In milliseconds. npm installs the projects, one of them with all of Jest, which takes minutes with a cold cache. */
export const TIMEOUT = 300_000;
