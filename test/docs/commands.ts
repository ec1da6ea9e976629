import { blocksOf, proseOf } from './markdown';

/** The commands of a page: every line of its `sh` blocks, and inline code that starts with `npm`, `npx` or `node`. */
export function commandsOf(page: string): string[] {
  const lines = blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.trim().split('\n'));
  const inline = [...proseOf(page).matchAll(/`((?:npm|npx|node) [^`]+)`/g)].map(
    ([, command = '']) => command,
  );
  return [...new Set([...lines, ...inline])];
}
