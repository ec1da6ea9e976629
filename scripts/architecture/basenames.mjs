import { posix } from 'node:path';

import { violation } from './program.mjs';

/** Finds files with one basename, which a search by name cannot tell apart. */
export function checkBasenames({ files }, { BASENAMES }) {
  const first = new Map();
  return files.flatMap(({ path, file }) => {
    const name = posix.basename(path);
    if (Object.hasOwn(BASENAMES, name)) return [];
    if (!first.has(name)) {
      first.set(name, path);
      return [];
    }
    const problem = `src/${first.get(name)} has the same basename. Name each file with the noun of its own concept.`;
    return [violation(file, file, problem)];
  });
}
