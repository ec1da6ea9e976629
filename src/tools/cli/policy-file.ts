import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { parseDocument } from 'yaml';

import { isObject } from '../../validation/checks';
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
  { cwd, configure }: CommandLine,
): PolicySettings | null {
  const file = path ?? process.env[VARIABLE] ?? '';
  if (file === '') return null;
  const settings = readSettings(file, cwd);
  const read = READ.filter((name) => settings[name] !== undefined && settings[name] !== null);
  const configuration = Object.fromEntries(read.map((name) => [name, settings[name]]));
  try {
    configure(configuration);
  } catch (error) {
    if (!(error instanceof ThriftMetricsError)) throw error;
    const message = firstLine(error).replace(/^configureMetrics: /, '');
    throw new CommandError(`${file}: ${message}`, { cause: error });
  }
  return configuration;
}

/** JSON is YAML. */
function readSettings(file: string, cwd: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${firstLine(error)}. Check the path.`, {
      cause: error,
    });
  }
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) {
    throw new CommandError(`${file} is not valid YAML or JSON: ${firstLine(fault)}`);
  }
  const settings: unknown = document.toJS();
  if (!isObject(settings) || Array.isArray(settings)) {
    throw new CommandError(
      `${file} has no settings. Expected the options of configureMetrics, such as rules: [].`,
    );
  }
  return settings as Readonly<Record<string, unknown>>;
}
