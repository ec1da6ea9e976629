/** A Node.js that something is run on. */
export interface Node {
  readonly version: string;
  readonly program: string;
}

/** The one that runs this. */
export const thisNode: Node = { version: process.versions.node, program: process.execPath };
