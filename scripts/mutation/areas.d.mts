/** The files of tests that these globs select, as options of Vitest. */
export function testsOf(globs: readonly string[]): { include: string[]; exclude: string[] };
