import { countTyped, type Typed, type Way } from './ways';

const HEADER = [
  '| way | first scrape: commands | first scrape: characters | first scrape: minutes | alert: commands | alert: characters | alert: minutes |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];

const NUMBER = new Intl.NumberFormat('en');

/** Writes the table of the page on performance. `minutesOf` gives the minutes until both events. */
export function writeTable(
  ways: readonly Way[],
  minutesOf: (way: Way) => readonly [scrape: string, alert: string],
): string {
  const rows = ways.map((way) => {
    const [scrape, alert] = minutesOf(way);
    const toScrape = cellsOf(countTyped(way.toScrape), scrape);
    const toAlert = cellsOf(countTyped([...way.toScrape, ...way.toAlert]), alert);
    return `| ${[way.name, ...toScrape, ...toAlert].join(' | ')} |`;
  });
  return [...HEADER, ...rows].join('\n');
}

const cellsOf = ({ commands, characters }: Typed, minutes: string): string[] => [
  String(commands),
  NUMBER.format(characters),
  minutes,
];
