import { createHash } from 'node:crypto';

import type { FoundSettings } from './found-settings';
import { parseFile, unreadableFile } from './parse-file';
import { decodeText, readBounded } from './read-bounded';

/** Bytes of a configuration file. It holds hundreds of rules, and parsing it holds up the program for 0.1 seconds. */
const LIMIT = 64 * 1024;

/** A configuration file, as it was read. */
export interface ConfigFile extends FoundSettings {
  /** Identifies the content. */
  readonly digest: string;
}

/** Reads a configuration file. Never throws: what is wrong is among its problems. */
export function readConfigFile(path: string): ConfigFile {
  let digest = 'unreadable';
  let text = '';
  try {
    const bytes = readBounded(path, LIMIT);
    digest = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
    text = bytes.toString('latin1');
    return { ...parseFile(path, decodeText(bytes)), digest };
  } catch (error) {
    return { ...unreadableFile(path, `the file ${(error as Error).message}`, text), digest };
  }
}

/** Reads the options of `configureMetrics` in a configuration file, for commands, which ignore its other settings. */
export function readMetricsOptions(path: string): {
  readonly options: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
} {
  const { settings, problems } = readConfigFile(path);
  const found = [...settings].filter(([{ target }]) => target === 'metrics');
  return {
    options: Object.fromEntries(found.map(([{ option }, { value }]) => [option, value])),
    problems: problems.map(({ error }) => error.message),
  };
}
