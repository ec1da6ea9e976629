import { blocksOf, proseOf } from './markdown';

/** Pages whose commands `test/real/walks` and `test/examples` run. */
export const WALKED_PAGES = ['README.md', 'docs/README.md'];

/** Lists the commands of a page: every line of its `sh` blocks, and inline code that starts like a command. */
export function commandsOf(page: string): string[] {
  const lines = blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.trim().split('\n'));
  const inline = [...proseOf(page).matchAll(/`((?:npm|npx|node) [^`]+)`/g)].map(
    ([, command = '']) => command,
  );
  return [...new Set([...lines, ...inline])];
}
