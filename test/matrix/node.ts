/** A version of Node.js and its executable. */
export interface Node {
  readonly version: string;
  readonly program: string;
}

/** The Node.js that runs this process. */
export const thisNode: Node = { version: process.versions.node, program: process.execPath };
