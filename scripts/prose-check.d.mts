/** A phrase that the project's prose avoids. */
export interface Finding {
  /** Counted from 1. */
  readonly line: number;
  readonly found: string;
  /** What to write instead. */
  readonly instead: string;
}

export function findPhrases(path: string, text: string): Finding[];
