import type { Node } from '../matrix/node';

/** How a check gets at a project of its own, and which Node.js versions run it. */
export interface Consumer {
  /** Installs what was packed in a copy of the project, and resolves with its folder. */
  install(project: string): Promise<string>;
  readonly nodes: readonly Node[];
}

/** Installations by npm, one of them of all of Jest; minutes when its cache is cold. */
export const TIMEOUT = 300_000;
