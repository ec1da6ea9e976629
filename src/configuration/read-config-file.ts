import { createHash } from 'node:crypto';

import { type ParsedFile, parseFile, unreadableFile } from './parse-file';
import { decodeText, readBounded } from './read-bounded';

/** Bytes of a configuration file. Hundreds of rules take a tenth of it, and parsing it must not hold up the program. */
const LIMIT = 256 * 1024;

/** A configuration file, as it was read. */
export interface ConfigFile extends ParsedFile {
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
