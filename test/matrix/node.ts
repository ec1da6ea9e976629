/** An executable that runs a module. */
export interface Program {
  readonly program: string;
  /** The arguments that precede the path of the module. @default [] */
  readonly run?: readonly string[];
}

/** A version of Node.js and its executable. */
export interface Node extends Program {
  readonly version: string;
}

/** The Node.js that runs this process. */
export const thisNode: Node = { version: process.versions.node, program: process.execPath };
