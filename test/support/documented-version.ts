import { rowsOf } from '../docs/markdown';

const COLUMNS = { system: 'oldest', middle: 'between', newest: 'newest' } as const;

/** The version of a program that docs/reference/compatibility.md says is tested, such as `2.42`. */
export function documentedVersion(program: string, of: keyof typeof COLUMNS): string {
  const rows = rowsOf('docs/reference/compatibility.md', 'program', ...Object.values(COLUMNS));
  const version = rows.find((row) => row['program'] === program)?.[COLUMNS[of]] ?? '';
  if (!/^\d+\.\d+$/.test(version)) throw new Error(`no ${of} version of ${program}: ${version}`);
  return version;
}
