import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '../..');

const IGNORED_FOLDERS = new Set(['node_modules', 'dist', 'build', 'coverage', '.git']);

/** Every Markdown file of the repository, by its path from the root. */
export function markdownFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export interface Block {
  readonly page: string;
  readonly line: number;
  /** The heading of the section, of the second level. */
  readonly section: string | undefined;
  readonly language: string;
  /** From `title="handler.ts"` after the language. */
  readonly title: string | undefined;
  /** From `keeps-running` after the language: the command keeps running while the reader continues. */
  readonly keepsRunning: boolean;
  readonly code: string;
}

/** The fenced code blocks of a page. */
export function blocksOf(page: string): Block[] {
  const text = readPage(page);
  return [...text.matchAll(/^```(\w+)(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    section: /[^]*^## (.+)$/m.exec(text.slice(0, match.index))?.[1],
    language: match[1] as string,
    title: /title="([^"]+)"/.exec(match[2] as string)?.[1],
    keepsRunning: / keeps-running\b/.test(match[2] as string),
    code: match[3] as string,
  }));
}

/** A page without its code blocks and comments. */
export function proseOf(page: string): string {
  return readPage(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '');
}

/** The rows of all tables of a page whose header starts with these columns, as plain text by column. */
export function rowsOf(page: string, ...columns: readonly string[]): Record<string, string>[] {
  const rows: Record<string, string>[] = [];
  let header: string[] | undefined;
  for (const line of proseOf(page).split('\n')) {
    if (!line.startsWith('|')) {
      header = undefined;
      continue;
    }
    const cells = cellsOf(line);
    if (header === undefined) header = cells;
    else if (columns.every((column, i) => header?.[i] === column) && !/^[|\s:-]+$/.test(line)) {
      rows.push(Object.fromEntries(header.map((column, i) => [column, cells[i] ?? ''])));
    }
  }
  if (rows.length === 0) throw new Error(`${page} has no table ${columns.join(' | ')}`);
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('`', '').trim());
}

/** The texts of all headings of a page, or of one level. */
export function headingsOf(page: string, level?: number): string[] {
  return [...proseOf(page).matchAll(/^(#+) (.+)$/gm)]
    .filter(([, marks]) => level === undefined || marks?.length === level)
    .map(([, , text]) => (text as string).trim());
}

/** The fragment that GitHub generates for a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}
