import Table = require('cli-table3');
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { CommandError, type CommandLine } from './command-line';

/** Writes the output of a command to standard output, or to a file. */
export async function writeOutput(
  line: CommandLine,
  text: string,
  file: string | undefined,
): Promise<void> {
  if (file === undefined) return writeText(line.stdout, text);
  try {
    await writeFile(resolve(line.cwd, file), text);
  } catch (error) {
    throw new CommandError(
      `${file} cannot be written: ${firstLine(error)}. Choose a path in an existing, writable folder.`,
      { cause: error },
    );
  }
}

/** Resolves when the text has left the process. The process must not exit earlier, because a pipe may be slow. */
export function writeText(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolved, reject) => {
    stream.write(text, (error) => {
      // EPIPE: the reader, such as `head`, needs no more.
      if (error === null || error === undefined || hasCode(error, 'EPIPE')) resolved();
      else reject(error);
    });
  });
}

function hasCode(error: Error, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

/** Escapes the control characters of text from elsewhere, so that it cannot move the cursor or break a line. */
export function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu,
    (character) => ESCAPES[character] ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Characters that are shown of a text from elsewhere. */
const MAX_SHOWN = 200;

/** Shortens text from elsewhere, and escapes its control characters. */
export function shown(text: string, most = MAX_SHOWN): string {
  return text.length <= most ? printable(text) : `${printable(text.slice(0, most - 1))}…`;
}

/** The first line of an error's message, or of the value that was thrown instead of an error. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.trim().split('\n', 1)[0] ?? '');
}

/** A number with its noun: `1 method`, `2 methods`. */
export function withNoun(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const NOTHING = '';
const BORDERLESS = {
  top: NOTHING,
  'top-mid': NOTHING,
  'top-left': NOTHING,
  'top-right': NOTHING,
  bottom: NOTHING,
  'bottom-mid': NOTHING,
  'bottom-left': NOTHING,
  'bottom-right': NOTHING,
  left: NOTHING,
  'left-mid': NOTHING,
  mid: NOTHING,
  'mid-mid': NOTHING,
  right: NOTHING,
  'right-mid': NOTHING,
  middle: '  ',
} as const;

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer text is truncated. Without a width, the column is as wide as its text. */
  readonly width?: number;
}

/**
 * Renders a table without borders as lines: a header, then one line per row.
 *
 * @param paint adds colors to the text of a cell, whose width stays the same. The row of the header is -1.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string[] {
  const table = new Table({
    head: columns.map(({ title }, column) => paint(title, -1, column)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    colWidths: columns.map(({ width }) => width ?? null),
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  const cells = rows.map((row, at) => row.map((cell, column) => paint(shown(cell), at, column)));
  table.push(...cells);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
