import { InvalidArgumentError, program } from 'commander';

export interface Options {
  /** How long the load lasts in all. */
  readonly minutes: number;
}

/** A day: who wants longer than that wants it in several runs. */
const MOST_MINUTES = 24 * 60;

export function readOptions(args: readonly string[]): Options {
  return program
    .name('npm run soak --')
    .description('Loads a measured Thrift service, disturbs it, and compares what it counted.')
    .option('--minutes <number>', 'how long, up to a day; a fraction is allowed', minutes, 10)
    .parse(args, { from: 'user' })
    .opts<Options>();
}

function minutes(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= MOST_MINUTES) return value;
  throw new InvalidArgumentError(`Must be a number above 0 and at most ${MOST_MINUTES}.`);
}
