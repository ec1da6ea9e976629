import { resolve } from 'node:path';

import { ThriftMetricsError } from '../../validation/errors';
import { CommandError, type CommandLine } from './command-line';
import { firstLine } from './output';

/** The settings of a policy file that decide what metrics look like. A program reads the others too. */
const READ = [
  'rules',
  'labelNames',
  'prefix',
  'defaultLabels',
  'buckets',
  'nativeHistograms',
  'maxSeriesPerMetric',
] as const;

/** The settings of a policy file, once they are validated. */
export interface PolicySettings {
  readonly rules?: readonly PolicyRule[];
}

export interface PolicyRule {
  readonly match: {
    readonly service?: string | undefined;
    readonly method?: string | undefined;
  };
  readonly objective?: unknown;
}

/** The variable that names the policy file of programs and commands. */
const VARIABLE = 'THRIFT_METRICS_CONFIG';

/**
 * Applies a policy file to this process: the one that `--config` names, or else the variable `THRIFT_METRICS_CONFIG`.
 *
 * @returns its settings, or null if there is no policy file
 * @throws {CommandError} if the file cannot be read, or a setting in it is not valid.
 */
export function applyPolicyFile(
  path: string | undefined,
  { cwd, configure, readOptions }: CommandLine,
): PolicySettings | null {
  const file = path ?? process.env[VARIABLE] ?? '';
  if (file === '') return null;
  const { options, problems } = readOptions(resolve(cwd, file));
  if (problems.length > 0) throw new CommandError(problems.join(' '));
  // The others are about the process, and not about what the metrics look like.
  const configuration = Object.fromEntries(
    READ.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  try {
    configure(configuration);
  } catch (error) {
    if (!(error instanceof ThriftMetricsError)) throw error;
    const message = firstLine(error).replace(/^configureMetrics: /, '');
    throw new CommandError(`${file}: ${message}`, { cause: error });
  }
  return configuration;
}
