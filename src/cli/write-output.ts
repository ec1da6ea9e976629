import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { CommandError } from './command-error';
import type { CommandLine } from './command-line';
import { firstLine } from './printable';

/** Writes what a command generated to standard output, or to the file after `-o`. */
export async function writeOutput(
  line: CommandLine,
  text: string,
  file: string | undefined,
): Promise<void> {
  if (file === undefined) return writeText(line.stdout, text);
  try {
    await writeFile(resolve(line.cwd, file), text);
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${firstLine(error)}`, { cause: error });
  }
}

/** Resolves when the text has left the process: a pipe may be slower than the process ends. */
export function writeText(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolved, reject) => {
    stream.write(text, (error) => {
      // A reader such as `head` has had enough.
      if (error === null || error === undefined || hasCode(error, 'EPIPE')) resolved();
      else reject(error);
    });
  });
}

function hasCode(error: Error, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
