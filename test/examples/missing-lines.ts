import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Times and free ports differ from run to run. */
const withoutTimes = (line: string): string =>
  line.replaceAll(/(?<=\} )\d+\.\d+$|(?<=localhost:)\d+/g, '<differs>');

/**
 * The lines that the README of an example shows as its output and that are missing from the output.
 *
 * @param comparable replaces what differs from run to run
 */
export function missingLines(
  example: string,
  output: string,
  comparable: (line: string) => string = withoutTimes,
): string[] {
  const readme = readFileSync(join(__dirname, `../../examples/${example}/README.md`), 'utf8');
  const blocks = [...readme.matchAll(/^```text\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  if (blocks.length === 0) throw new Error(`examples/${example}/README.md shows no output`);
  const printed = new Set(output.split('\n').map((line) => comparable(line)));
  const shown = blocks.join('').split('\n');
  return shown.filter((line) => !printed.has(comparable(line)));
}
