import { expect } from 'vitest';

import { blocksOf, type Block } from '../../docs/markdown';
import type { Program } from '../../support/start-program';
import type { Reader } from './reader';

/** Commands that only look. Their output may take some scrapes, so a reader repeats them. */
const LOOK = /^(?:curl|promtool query) /;

interface Step extends Block {
  /** The output that the page shows: the block after it, if that is text. */
  readonly shown: string | undefined;
}

/**
 * Follows a page, or these sections of it, from the first block to the last: saves the files, runs the commands, and
 * compares their output. For a command that keeps running, it compares the first line of output.
 */
export async function follow(
  page: string,
  reader: Reader,
  adapt: (text: string) => string = (text) => text,
  sections?: readonly string[],
): Promise<void> {
  const blocks = blocksOf(page).filter(
    ({ section }) => sections === undefined || sections.includes(String(section)),
  );
  for (const { line, language, title, keepsRunning, code, shown } of stepsOf(blocks)) {
    const where = `${page}:${line}`;
    const expected = shown === undefined ? undefined : withoutTimes(adapt(shown));
    if (title !== undefined) {
      reader.save(title, adapt(code));
    } else if (language !== 'sh') {
      throw new Error(`${where} is not a file, a command or the output of one`);
    } else if (keepsRunning) {
      const terminal = reader.start(adapt(code));
      if (expected !== undefined) expect(await firstLineOf(terminal), where).toBe(expected);
    } else if (expected !== undefined && isLook(code)) {
      const printed = await reader.look(adapt(code), (text) => withoutTimes(text) === expected);
      expect(withoutTimes(printed), where).toBe(expected);
    } else {
      const { stdout, stderr } = await reader.run(adapt(code));
      if (expected !== undefined) expect(withoutTimes(stdout + stderr), where).toBe(expected);
    }
  }
}

/** The first line of output, without the lines of npm before it. */
async function firstLineOf(terminal: Program): Promise<string> {
  const [line] = await terminal.writes(/^(?!npm ).+$/m);
  return line;
}

/** The blocks of a page in order, each command with its output. */
function stepsOf(blocks: readonly Block[]): Step[] {
  return blocks.flatMap((block, i) => {
    if (block.language === 'text') {
      if (blocks[i - 1]?.language === 'sh') return [];
      throw new Error(`${block.page}:${block.line} does not follow a command`);
    }
    const next = blocks[i + 1];
    const shown = block.language === 'sh' && next?.language === 'text' ? next.code : undefined;
    return [{ ...block, shown }];
  });
}

const isLook = (commands: string): boolean =>
  commands
    .trim()
    .split('\n')
    .every((line) => LOOK.test(line));

/** Replaces times, which differ from run to run: sums of seconds, and the time of a Prometheus query. */
const withoutTimes = (text: string): string =>
  text.trimEnd().replaceAll(/(?<=_seconds(?:_sum|_total)?\{.*\} |@\[)\d+\.\d+/g, '<time>');
