/** The files of tests for these areas, as options of Vitest. */
export function testsOf(areas: readonly string[]): { include: string[]; exclude: string[] };
