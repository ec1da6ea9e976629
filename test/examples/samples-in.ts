import { parseText, type Sample } from '../support/text-format';

/** The samples among the lines that an example prints. */
export function samplesIn(output: string): Sample[] {
  const lines = output.split('\n').filter((line) => /^[a-z_]+\{.*\} \S+$/.test(line));
  return parseText(`${lines.join('\n')}\n`);
}
