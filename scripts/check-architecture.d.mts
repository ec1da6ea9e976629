/** The folders of src, and which others each may import. */
export const MODULES: Readonly<Record<string, readonly string[]>>;

/** A place where the source differs from the architecture. */
export interface Violation {
  /** From src. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

export function findViolations(sources: Readonly<Record<string, string>>): Violation[];

export function readSources(): Record<string, string>;
