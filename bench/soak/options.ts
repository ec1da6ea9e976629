import { InvalidArgumentError, program } from 'commander';

export interface Options {
  /** Total duration of the load, in minutes. @default 10 */
  readonly minutes: number;
}

/** One day. For longer tests, start several runs. */
const MOST_MINUTES = 24 * 60;

export function readOptions(args: readonly string[]): Options {
  return program
    .name('npm run soak --')
    .description('Loads a measured Thrift service, disturbs it, and compares what it counted.')
    .option('--minutes <number>', 'duration, up to a day; fractions are allowed', minutes, 10)
    .parse(args, { from: 'user' })
    .opts<Options>();
}

function minutes(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= MOST_MINUTES) return value;
  throw new InvalidArgumentError(`Must be a number above 0 and at most ${MOST_MINUTES}.`);
}
