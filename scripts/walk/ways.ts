// What `npm run walk` compares: from an empty folder to an alert with this package, and by hand.
import { blocksOf, type Block } from '../../test/docs/markdown';

export interface Way {
  readonly name: string;
  /** What is typed until the service has answered a scrape that shows its requests. */
  readonly toScrape: readonly Block[];
  /** What is typed after that, until the alert fires. */
  readonly toAlert: readonly Block[];
}

/** What is typed: the lines of commands, and the characters of commands and files without indentation. */
export interface Typed {
  readonly commands: number;
  readonly characters: number;
}

const page = (name: string): string => `scripts/walk/${name}.md`;

function readWay(name: string, file: string): Way {
  const blocks = blocksOf(page(file));
  const inSection = (title: string): Block[] => blocks.filter(({ section }) => section === title);
  return {
    name,
    toScrape: [...blocksOf(page('service')), ...inSection('First scraped request')],
    toAlert: [...inSection('Firing alert'), ...blocksOf(page('prometheus'))],
  };
}

export const WAYS: readonly Way[] = [
  readWay('thrift-metrics', 'thrift-metrics'),
  readWay('prom-client by hand', 'prom-client'),
  readWay('OpenTelemetry by hand', 'opentelemetry'),
];

export function countTyped(blocks: readonly Block[]): Typed {
  const linesOf = ({ code }: Block): string[] => code.trimEnd().split('\n');
  const commands = blocks.filter(({ title }) => title === undefined).flatMap(linesOf);
  const lines = blocks.flatMap(linesOf).map((line) => line.trim());
  return { commands: commands.length, characters: lines.join('').length };
}
